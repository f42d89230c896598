/**
 * @since 0.1.0
 */
export * as ClerkMetrics from "./ClerkMetrics.js"
export * as ErrorFixture from "./ErrorFixture.js"
export * as Fault from "./Fault.js"
export * as InvitationFixture from "./InvitationFixture.js"
export * as InvitationsControl from "./InvitationsControl.js"
export * as InvitationsHttp from "./InvitationsHttp.js"
export * as InvitationsMemory from "./InvitationsMemory.js"
export * as InvitationsTenants from "./InvitationsTenants.js"
export * as RateLimiting from "./RateLimiting.js"
export * as RetryPolicy from "./RetryPolicy.js"
export * as Snapshot from "./Snapshot.js"
export * as Timeouts from "./Timeouts.js"
