import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"

/**
 * The clock of a fiber.
 */
export const clockOf = ({ currentDefaultServices }: Fiber.RuntimeFiber<unknown, unknown>): Clock.Clock =>
  Context.get(currentDefaultServices, Clock.Clock)

/**
 * The milliseconds of Effect's nanoseconds. They never go back and never jump, while the wall clock may do both.
 */
export const unsafeMillis = (clock: Clock.Clock): number => Number(clock.unsafeCurrentTimeNanos() / 1_000_000n)

/**
 * The current time in milliseconds, to measure durations with. Only differences between two of these times mean
 * anything.
 */
export const millis: Effect.Effect<number> = Effect.clockWith((clock) => Effect.succeed(unsafeMillis(clock)))

/**
 * A time by both clocks, in milliseconds. `wall` is in Unix milliseconds.
 */
export interface Moment {
  readonly monotonic: number
  readonly wall: number
}

export const unsafeMoment = (clock: Clock.Clock): Moment => ({
  monotonic: unsafeMillis(clock),
  wall: clock.unsafeCurrentTimeMillis()
})

/**
 * The current time by both clocks.
 */
export const moment: Effect.Effect<Moment> = Effect.clockWith((clock) => Effect.succeed(unsafeMoment(clock)))

const withoutWallClock = (clock: Clock.Clock): Clock.Clock => ({
  [Clock.ClockTypeId]: Clock.ClockTypeId,
  unsafeCurrentTimeMillis: () => unsafeMillis(clock),
  unsafeCurrentTimeNanos: () => clock.unsafeCurrentTimeNanos(),
  currentTimeMillis: millis,
  currentTimeNanos: clock.currentTimeNanos,
  sleep: (duration) => clock.sleep(duration)
})

/**
 * Runs an effect with a clock whose milliseconds are those of `millis`, for code that measures durations with
 * `Clock.currentTimeMillis`.
 */
export const provide = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.clockWith((clock) => Effect.withClock(self, withoutWallClock(clock)))
