import { Clock, Effect } from "effect"

/**
 * A wall clock that jumps. Effects under `run` read their milliseconds from it, while their nanoseconds and their sleeps
 * are those of the test clock.
 */
export const make = () => {
  let offset = 0
  const derive = (clock: Clock.Clock): Clock.Clock => ({
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => clock.unsafeCurrentTimeMillis() + offset,
    unsafeCurrentTimeNanos: () => clock.unsafeCurrentTimeNanos(),
    currentTimeMillis: Effect.map(clock.currentTimeMillis, (millis) => millis + offset),
    currentTimeNanos: clock.currentTimeNanos,
    sleep: (duration) => clock.sleep(duration)
  })
  return {
    run: <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      Effect.clockWith((clock) => Effect.withClock(self, derive(clock))),
    /** Sets the wall clock ahead by `millis`, or back if `millis` is negative. */
    jump: (millis: number): void => {
      offset += millis
    }
  }
}

const hour = 60 * 60 * 1000

/** The jumps of the tests: a description and its milliseconds. */
export const jumps = [["back", -hour], ["ahead", hour]] as const
