import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { TransientError } from "../../InvitationError.js"
import { retryAfter } from "../../InvitationError.js"

// Twice the longest window of Clerk's published limits. If a response asks for more, the next poll is earlier.
const maxRetryAfter = Duration.hours(2)

/**
 * How long to wait after a poll that failed: the time between two polls, or the response's `Retry-After` if it is longer.
 */
export const pollWait = (error: TransientError, pollEvery: Duration.Duration): Duration.Duration =>
  Option.match(retryAfter(error), {
    onNone: () => pollEvery,
    onSome: (wait) => Duration.max(pollEvery, Duration.min(wait, maxRetryAfter))
  })
