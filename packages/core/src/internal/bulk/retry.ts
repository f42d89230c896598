import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type { ServerError, TransientError, WriteError } from "../../InvitationError.js"
import { BadRequest, Forbidden, hasCode, isTransient, Unauthorized } from "../../InvitationError.js"

/**
 * What says that no other call can succeed either. A 403 that is about who is invited is not such.
 */
export type Fatal = Unauthorized | Forbidden | BadRequest

export const isFatal = (error: unknown): error is Fatal =>
  error instanceof Unauthorized ||
  (error instanceof Forbidden && !hasCode(error, "not_allowed_access")) ||
  (error instanceof BadRequest && hasCode(error, "invitations_not_supported"))

// Enough for an hour where the jitter makes every wait as short as it can be.
const maxRetries = 23

export const defaultRetry: Schedule.Schedule<unknown, TransientError> = Schedule.exponential("1 second").pipe(
  Schedule.modifyDelay((_, delay) => Duration.min(delay, "5 minutes")),
  Schedule.jittered,
  Schedule.intersect(Schedule.recurs(maxRetries))
)

// Twice the longest window of the published limits: whoever asks for more is asked again.
const longestWait = Duration.hours(2)

const retryAfterOf = (error: TransientError): Duration.Duration =>
  "retryAfter" in error
    ? Duration.min(Option.getOrElse(error.retryAfter, () => Duration.zero), longestWait)
    : Duration.zero

/**
 * Sends again what failed for now, until the schedule is done; never before the server wants it.
 */
export const retryTransient = (policy: Schedule.Schedule<unknown, TransientError> = defaultRetry) => {
  const waits = Schedule.modifyDelay(
    Schedule.passthrough(policy),
    (error, delay) => Duration.max(delay, retryAfterOf(error))
  )
  return <A, E extends WriteError | ServerError, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.either(call).pipe(
      Effect.flatMap((result) =>
        Either.isLeft(result) && isTransient(result.left) ? Effect.fail(result.left) : Effect.succeed(result)
      ),
      Effect.retry(waits),
      Effect.flatMap(identity)
    )
}
