import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Schedule from "effect/Schedule"
import type { ServerError, TransientError, WriteError } from "../../InvitationError.js"
import { isTransient } from "../../InvitationError.js"
import { cappedRetryAfter } from "../cappedRetryAfter.js"

// With minimum jitter on every delay, 23 retries still span one hour.
const maxRetries = 23

export const defaultRetry: Schedule.Schedule<unknown, TransientError> = Schedule.exponential("1 second").pipe(
  Schedule.modifyDelay((_, delay) => Duration.min(delay, "5 minutes")),
  Schedule.jittered,
  Schedule.intersect(Schedule.recurs(maxRetries))
)

/**
 * Retries a call while it fails with a transient error, until the schedule ends. Waits at least for the `Retry-After`
 * of the response, at most 2 hours. `waitWith` runs each wait, which returns whether to attempt the call again.
 */
export const retryTransient = (
  policy: Schedule.Schedule<unknown, TransientError> = defaultRetry,
  waitWith: (wait: Effect.Effect<boolean>) => Effect.Effect<boolean> = identity
) => {
  const schedule = Schedule.modifyDelay(
    Schedule.passthrough(policy),
    (error, delay) => Duration.max(delay, cappedRetryAfter(error))
  )
  return <A, E extends WriteError | ServerError, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(Schedule.driver(schedule), (driver) => {
      const attempt: Effect.Effect<A, E, R> = Effect.catchAll(call, (error) =>
        isTransient(error)
          ? Effect.flatMap(
            waitWith(Effect.isSuccess(driver.next(error))),
            (again) => again ? attempt : Effect.fail(error)
          )
          : Effect.fail(error))
      return attempt
    })
}
