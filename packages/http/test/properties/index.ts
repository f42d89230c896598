export { inviteMany } from "./inviteMany.js"
export { stream } from "./stream.js"
export { typedMetadata } from "./typedMetadata.js"
