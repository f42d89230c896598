import type { LastFailure } from "@effect-clerk/core/InvitationError"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type * as Schedule from "effect/Schedule"
import * as ScheduleDecision from "effect/ScheduleDecision"
import * as Intervals from "effect/ScheduleIntervals"
import type { RetryPolicy } from "../../RetryPolicy.js"

/**
 * How long to wait, in milliseconds, before the next attempt; none when there is to be no further one.
 */
export type Backoff = (error: LastFailure) => Effect.Effect<Option.Option<number>>

// TestClock cannot turn a fraction of a millisecond into nanoseconds.
const wholeMillis = Effect.map(Math.round)

const fullJitter = (policy: RetryPolicy): Backoff => {
  const min = Duration.toMillis(policy.minBackoff)
  const max = Duration.toMillis(policy.maxBackoff)
  // Where the shortest wait is none, something has to double all the same.
  const base = min > 0 ? min : 200
  let attempts = 1
  return () =>
    Effect.suspend(() =>
      attempts >= policy.attempts
        ? Effect.succeedNone
        : Effect.asSome(
          wholeMillis(Random.nextRange(min, Math.max(min, Math.min(max, base * 2 ** attempts++))))
        )
    )
}

// What a schedule's driver does, but for the sleep: the wait has to be known before it is begun.
const scheduled = (schedule: Schedule.Schedule<unknown, LastFailure>, min: number): Backoff => {
  let state: unknown = schedule.initial
  return (error) =>
    Effect.flatMap(
      Clock.currentTimeMillis,
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
 * The waits between the attempts of one call.
 */
export const make = (policy: RetryPolicy): Backoff =>
  Option.match(policy.schedule, {
    onNone: () => fullJitter(policy),
    onSome: (schedule) => scheduled(schedule, Duration.toMillis(policy.minBackoff))
  })
