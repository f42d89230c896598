// The same application once it invites people as well.
export * from "./effectApp.js"
export * from "./effectClerkApp.js"
