/**
 * @since 0.1.0
 */
export * as ClerkApi from "./ClerkApi.js"
export * as ClerkEmulator from "./ClerkEmulator.js"
export * as ClerkMetrics from "./ClerkMetrics.js"
export * as EmulatorApi from "./EmulatorApi.js"
export * as Fault from "./Fault.js"
export * from "./InvitationsControl.js"
export * as InvitationsHttp from "./InvitationsHttp.js"
export * as InvitationsMemory from "./InvitationsMemory.js"
export * as RateLimiting from "./RateLimiting.js"
export * as RetryPolicy from "./RetryPolicy.js"
export * from "./Snapshot.js"
export * as Timeouts from "./Timeouts.js"
