/**
 * How long an attempt and a whole call may take. Waits for the client-side rate limits do not count; see
 * `RateLimiting`.
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
 * Options for the timeouts. A duration of zero or less is treated as absent.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * How long one attempt may take, from the connection to the last byte of the response. An attempt that reaches it
   * fails with `Timeout`, and may be retried. Defaults to 10 seconds.
   */
  readonly attempt?: Duration.DurationInput | undefined
  /**
   * How long one call may take, with all attempts, backoffs, cooldowns and reconciliation. A call that reaches it fails
   * with its last error, or with `Timeout`. Defaults to 60 seconds.
   */
  readonly total?: Duration.DurationInput | undefined
}

/**
 * Timeouts with defaults applied.
 *
 * @since 0.1.0
 * @category models
 */
export interface Timeouts {
  /** How long one attempt may take. */
  readonly attempt: Duration.Duration
  /** How long one call may take. */
  readonly total: Duration.Duration
}

// A timeout of zero could interrupt a request after it was sent.
const positiveOr = (input: Duration.DurationInput | undefined, fallback: Duration.Duration): Duration.Duration => {
  const duration = input === undefined ? fallback : Duration.decode(input)
  return Duration.greaterThan(duration, Duration.zero) ? duration : fallback
}

/**
 * Makes timeouts, with the defaults for absent options.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Timeouts => ({
  attempt: positiveOr(options.attempt, Duration.seconds(10)),
  total: positiveOr(options.total, Duration.seconds(60))
})

/**
 * The timeouts of a region of code. `None` means those of the layer. Set it with `locally`.
 *
 * @since 0.1.0
 * @category fiber refs
 */
export const current: FiberRef.FiberRef<Option.Option<Timeouts>> = globalValue(
  "@effect-clerk/http/Timeouts/current",
  () => FiberRef.unsafeMake<Option.Option<Timeouts>>(Option.none())
)

/**
 * Replaces the timeouts of the layer for the calls of an effect. An absent option is the default, not the option of the
 * layer.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { InvitationsService } from "@effect-clerk/core"
 * import { Timeouts } from "@effect-clerk/http"
 * import { Effect } from "effect"
 *
 * const quick = Effect.flatMap(InvitationsService, (_) => _.list()).pipe(
 *   Timeouts.locally({ attempt: "1 second", total: "3 seconds" })
 * )
 * ```
 */
export const locally: {
  (options: Options): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, options: Options): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, options: Options): Effect.Effect<A, E, R> =>
    Effect.locally(self, current, Option.some(make(options)))
)
