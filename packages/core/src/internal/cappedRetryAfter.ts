import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { TransientError } from "../InvitationError.js"
import { retryAfter } from "../InvitationError.js"

// Twice the longest window of Clerk's published limits. If a response asks for more, the call is repeated earlier.
const maxRetryAfter = Duration.hours(2)

/**
 * How long to wait before a call is repeated: as the error asks, at most 2 hours. Zero if the error has no such time.
 */
export const cappedRetryAfter = (error: TransientError): Duration.Duration =>
  Duration.min(Option.getOrElse(retryAfter(error), () => Duration.zero), maxRetryAfter)
