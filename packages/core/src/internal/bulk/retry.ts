import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type { ServerError, TransientError, WriteError } from "../../InvitationError.js"
import { BadRequest, Forbidden, hasCode, InvalidRequest, isTransient, Unauthorized } from "../../InvitationError.js"

/**
 * Errors that would fail every other call too, so the job must stop. A 403 `not_allowed_access` concerns one address
 * and is excluded. A job sends valid inputs only, so a primitive's `InvalidRequest` concerns an option of the layer, for
 * example a malformed secret key.
 */
export type Fatal = Unauthorized | Forbidden | BadRequest | InvalidRequest

export const isFatal = (error: unknown): error is Fatal =>
  error instanceof Unauthorized ||
  error instanceof InvalidRequest ||
  (error instanceof Forbidden && !hasCode(error, "not_allowed_access")) ||
  (error instanceof BadRequest && hasCode(error, "invitations_not_supported"))

// With minimum jitter on every delay, 23 retries still span one hour.
const maxRetries = 23

export const defaultRetry: Schedule.Schedule<unknown, TransientError> = Schedule.exponential("1 second").pipe(
  Schedule.modifyDelay((_, delay) => Duration.min(delay, "5 minutes")),
  Schedule.jittered,
  Schedule.intersect(Schedule.recurs(maxRetries))
)

// Twice the longest window of Clerk's published limits. If a response asks for more, the call is retried earlier.
const maxRetryAfter = Duration.hours(2)

const retryAfterOf = (error: TransientError): Duration.Duration =>
  "retryAfter" in error
    ? Duration.min(Option.getOrElse(error.retryAfter, () => Duration.zero), maxRetryAfter)
    : Duration.zero

/**
 * Retries a call while it fails with a transient error, until the schedule ends. Waits at least for the `Retry-After`
 * of the response, at most 2 hours.
 */
export const retryTransient = (policy: Schedule.Schedule<unknown, TransientError> = defaultRetry) => {
  const schedule = Schedule.modifyDelay(
    Schedule.passthrough(policy),
    (error, delay) => Duration.max(delay, retryAfterOf(error))
  )
  return <A, E extends WriteError | ServerError, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.either(call).pipe(
      Effect.flatMap((result) =>
        Either.isLeft(result) && isTransient(result.left) ? Effect.fail(result.left) : Effect.succeed(result)
      ),
      Effect.retry(schedule),
      Effect.flatMap(identity)
    )
}
