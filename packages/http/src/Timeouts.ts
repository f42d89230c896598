/**
 * How long a call may take.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import { dual } from "effect/Function"
import { globalValue } from "effect/GlobalValue"
import * as Option from "effect/Option"

/**
 * The limits that are to differ from the defaults.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * How long one attempt may take, from connecting to the last byte of the body. Defaults to 10 seconds.
   */
  readonly attempt?: Duration.DurationInput | undefined
  /**
   * How long the call may take in all, waits and further attempts included. Defaults to 60 seconds.
   */
  readonly total?: Duration.DurationInput | undefined
}

/**
 * A deadline with nothing left open.
 *
 * @since 0.1.0
 * @category models
 */
export interface Timeouts {
  /** How long one attempt may take. */
  readonly attempt: Duration.Duration
  /** How long the call may take in all. */
  readonly total: Duration.Duration
}

// With no time at all, a request would be given up after it may have been sent.
const positive = (input: Duration.DurationInput | undefined, otherwise: Duration.Duration): Duration.Duration => {
  const duration = input === undefined ? otherwise : Duration.decode(input)
  return Duration.greaterThan(duration, Duration.zero) ? duration : otherwise
}

/**
 * Makes a deadline. A limit that is not longer than zero counts as left out.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Timeouts => ({
  attempt: positive(options.attempt, Duration.seconds(10)),
  total: positive(options.total, Duration.seconds(60))
})

/**
 * The deadline of a region of code, where it differs from that of the layer.
 *
 * @since 0.1.0
 * @category fiber refs
 */
export const current: FiberRef.FiberRef<Option.Option<Timeouts>> = globalValue(
  "@effect-clerk/http/Deadline/current",
  () => FiberRef.unsafeMake<Option.Option<Timeouts>>(Option.none())
)

/**
 * Uses another deadline than the layer's for the calls of an effect.
 *
 * @since 0.1.0
 * @category combinators
 */
export const locally: {
  (deadline: Options): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, deadline: Options): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, deadline: Options): Effect.Effect<A, E, R> =>
    Effect.locally(self, current, Option.some(make(deadline)))
)
