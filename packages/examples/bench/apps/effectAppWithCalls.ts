// The same application with the calls of invitations.
export * from "./effectApp.js"
export * from "./effectClerkCallsApp.js"
