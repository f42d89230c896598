export { inviteMany } from "./inviteMany.js"
export { stream } from "./stream.js"
