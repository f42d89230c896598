// The same application with invitations.
export * from "./effectApp.js"
export * from "./effectClerkApp.js"
