import type { LastFailure } from "@effect-clerk/core/InvitationError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type * as Schedule from "effect/Schedule"
import * as ScheduleDecision from "effect/ScheduleDecision"
import * as Intervals from "effect/ScheduleIntervals"
import type { RetryPolicy } from "../../RetryPolicy.js"
import * as Monotonic from "../client/monotonic.js"

/**
 * The backoffs of one call. Each invocation returns the whole milliseconds to wait before the next attempt, or `None`
 * if the policy allows no further attempt.
 */
export type Backoff = (error: LastFailure) => Effect.Effect<Option.Option<number>>

const fullJitter = (policy: RetryPolicy): Backoff => {
  const min = Duration.toMillis(policy.minBackoff)
  const max = Duration.toMillis(policy.maxBackoff)
  // Doubling 0 would never increase the backoff.
  const base = min > 0 ? min : 200
  let attempts = 1
  return () =>
    Effect.suspend(() => {
      if (attempts >= policy.attempts) return Effect.succeedNone
      const upper = Math.max(min, Math.min(max, base * 2 ** attempts++))
      // `TestClock` fails on fractions of a millisecond.
      return Effect.map(Random.nextRange(min, upper), (millis) => Option.some(Math.round(millis)))
    })
}

// `Schedule.driver` would sleep by itself, but the call has to compare the backoff with its deadline first. Its time is
// that of the wall clock when the process started, plus what has passed since, so a cron schedule works as well.
const scheduled = (schedule: Schedule.Schedule<unknown, LastFailure>, min: number): Backoff => {
  let state: unknown = schedule.initial
  return (error) =>
    Effect.flatMap(
      Monotonic.millis,
      (now) =>
        Effect.map(schedule.step(now, error, state), ([next, _, decision]) => {
          state = next
          return ScheduleDecision.isDone(decision)
            ? Option.none()
            : Option.some(Math.round(Math.max(min, Intervals.start(decision.intervals) - now)))
        })
    )
}

/**
 * Makes the backoffs of one call: those of the policy's schedule, or else exponential with full jitter.
 */
export const make = (policy: RetryPolicy): Backoff =>
  Option.match(policy.schedule, {
    onNone: () => fullJitter(policy),
    onSome: (schedule) => scheduled(schedule, Duration.toMillis(policy.minBackoff))
  })
