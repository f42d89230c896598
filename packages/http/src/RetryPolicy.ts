/**
 * How a call is tried again, and how long it may take.
 *
 * What is tried again is not a matter of policy but of safety: a request that never left, or that was refused for now, is
 * sent again; one that was refused for good is not; and after one whose fate is unknown a read is repeated, while a write
 * is looked for first.
 *
 * @since 0.1.0
 */
import type { LastFailure } from "@effect-clerk/core/InvitationError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import { dual } from "effect/Function"
import { globalValue } from "effect/GlobalValue"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"

/**
 * What is to differ from the default policy.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * How often a request is sent at most, the first time included. Defaults to 3.
   */
  readonly attempts?: number | undefined
  /**
   * The shortest wait before it is sent again. Defaults to 200 milliseconds.
   */
  readonly minBackoff?: Duration.DurationInput | undefined
  /**
   * The longest wait that is chosen here; it doubles up to this. Defaults to 8 seconds.
   */
  readonly maxBackoff?: Duration.DurationInput | undefined
  /**
   * The longest `Retry-After` that is waited out. Where the server asks for more, the call fails at once with
   * `TooManyRequests`. Defaults to 30 seconds.
   */
  readonly maxRetryAfter?: Duration.DurationInput | undefined
  /**
   * When to send again and when to give up, in place of `attempts` and the backoff. It is given the error of the last
   * attempt. `minBackoff` and `Retry-After` still hold.
   */
  readonly schedule?: Schedule.Schedule<unknown, LastFailure> | undefined
  /**
   * How long a write whose fate is unknown is looked for before it is called ambiguous. Defaults to 4 seconds.
   */
  readonly reconcileTimeout?: Duration.DurationInput | undefined
}

/**
 * What is taken for a policy: options, a schedule (short for `{ schedule }`), or `"none"`, under which every request is sent
 * once, no `Retry-After` is waited out, and a write is not looked for either.
 *
 * @since 0.1.0
 * @category models
 */
export type Input = Options | Schedule.Schedule<unknown, LastFailure> | "none"

/**
 * A policy with nothing left open.
 *
 * @since 0.1.0
 * @category models
 */
export interface RetryPolicy {
  /** How often a request is sent at most, unless there is a schedule. */
  readonly attempts: number
  /** The shortest wait before it is sent again. */
  readonly minBackoff: Duration.Duration
  /** The longest wait that is chosen here. */
  readonly maxBackoff: Duration.Duration
  /** The longest `Retry-After` that is waited out. */
  readonly maxRetryAfter: Duration.Duration
  /** What decides in place of `attempts` and the backoff. */
  readonly schedule: Option.Option<Schedule.Schedule<unknown, LastFailure>>
  /** How long a write whose fate is unknown is looked for. */
  readonly reconcileTimeout: Duration.Duration
}

const defaultAttempts = 3

const fromOptions = (options: Options): RetryPolicy => ({
  attempts: Math.max(
    1,
    Math.floor(Number.isNaN(options.attempts) ? defaultAttempts : options.attempts ?? defaultAttempts)
  ),
  minBackoff: Duration.decode(options.minBackoff ?? Duration.millis(200)),
  maxBackoff: Duration.decode(options.maxBackoff ?? Duration.seconds(8)),
  maxRetryAfter: Duration.decode(options.maxRetryAfter ?? Duration.seconds(30)),
  schedule: Option.fromNullable(options.schedule),
  reconcileTimeout: Duration.decode(options.reconcileTimeout ?? Duration.seconds(4))
})

/**
 * Makes a policy.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { RetryPolicy } from "@effect-clerk/http"
 * import { Schedule } from "effect"
 *
 * RetryPolicy.make({ attempts: 5, maxRetryAfter: "10 seconds" })
 * RetryPolicy.make(Schedule.spaced("1 second").pipe(Schedule.intersect(Schedule.recurs(2))))
 * RetryPolicy.make("none")
 * ```
 */
export const make = (input: Input = {}): RetryPolicy =>
  input === "none"
    ? fromOptions({ attempts: 1, maxRetryAfter: Duration.zero, reconcileTimeout: Duration.zero })
    : fromOptions(Schedule.isSchedule(input) ? { schedule: input } : input)

/**
 * Whether the policy sends everything once only, and looks for nothing.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isNone = (policy: RetryPolicy): boolean =>
  policy.attempts === 1 && Option.isNone(policy.schedule) && Duration.equals(policy.reconcileTimeout, Duration.zero)

/**
 * The policy of a region of code, where it differs from that of the layer.
 *
 * @since 0.1.0
 * @category fiber refs
 */
export const current: FiberRef.FiberRef<Option.Option<RetryPolicy>> = globalValue(
  "@effect-clerk/http/RetryPolicy/current",
  () => FiberRef.unsafeMake<Option.Option<RetryPolicy>>(Option.none())
)

/**
 * Uses another policy than the layer's for the calls of an effect.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { InvitationsService } from "@effect-clerk/core"
 * import { RetryPolicy } from "@effect-clerk/http"
 * import { Effect } from "effect"
 *
 * const once = Effect.flatMap(InvitationsService, (_) => _.list()).pipe(RetryPolicy.locally("none"))
 * ```
 */
export const locally: {
  (policy: Input): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, policy: Input): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, policy: Input): Effect.Effect<A, E, R> =>
    Effect.locally(self, current, Option.some(make(policy)))
)
