/**
 * How often and when a failed attempt is retried, and how long a write with an unknown outcome is reconciled.
 *
 * Whether an attempt is retried at all depends on its failure, not on the policy:
 *
 * - not sent (DNS, connection refused, TLS), or throttled (429, 409 `resource_locked`): retried.
 * - rejected (other 4xx): never retried.
 * - unknown outcome (lost connection, timeout, 5xx, unreadable response): a read, a revoke and a delete are retried. A
 *   create is reconciled first: if its invitation is in the list, it succeeds with it. Otherwise it is retried, unless
 *   a request has `ignoreExisting`, since Clerk would create a second invitation.
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
 * Options for a policy.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * The maximum number of attempts, the first included; at least 1. Defaults to 3.
   */
  readonly attempts?: number | undefined
  /**
   * The shortest backoff before a retry. Defaults to 200 milliseconds.
   */
  readonly minBackoff?: Duration.DurationInput | undefined
  /**
   * The longest backoff before a retry. Backoffs are random, between `minBackoff` and an upper bound that doubles with
   * each retry up to `maxBackoff`. Defaults to 8 seconds.
   */
  readonly maxBackoff?: Duration.DurationInput | undefined
  /**
   * The longest `Retry-After` to wait for, in addition to the backoff. If the server asks for more, the call fails at
   * once with the error of its attempt, for example `TooManyRequests`. Defaults to 30 seconds.
   */
  readonly maxRetryAfter?: Duration.DurationInput | undefined
  /**
   * Replaces `attempts` and the random backoff. The schedule receives the error of the last attempt. Its delays are
   * extended to `minBackoff`, and `Retry-After` is added to them.
   */
  readonly schedule?: Schedule.Schedule<unknown, LastFailure> | undefined
  /**
   * How long a write with an unknown outcome is looked up in the list before the call fails with `AmbiguousWrite`. Zero
   * looks it up once. Defaults to 4 seconds.
   */
  readonly reconcileTimeout?: Duration.DurationInput | undefined
}

/**
 * Accepted wherever a policy is expected: options, a `Schedule` (shorthand for `{ schedule }`), or `"none"`. With
 * `"none"` a call is exactly one request: no retry, no wait for `Retry-After`, and no reconciliation.
 *
 * @since 0.1.0
 * @category models
 */
export type Input = Options | Schedule.Schedule<unknown, LastFailure> | "none"

/**
 * A policy with defaults applied.
 *
 * @since 0.1.0
 * @category models
 */
export interface RetryPolicy {
  /** The maximum number of attempts, the first included. Not used if `schedule` is given. */
  readonly attempts: number
  /** The shortest backoff. */
  readonly minBackoff: Duration.Duration
  /** The longest backoff. Not used if `schedule` is given. */
  readonly maxBackoff: Duration.Duration
  /** The longest `Retry-After` to wait for. */
  readonly maxRetryAfter: Duration.Duration
  /** Replaces `attempts` and the random backoff. */
  readonly schedule: Option.Option<Schedule.Schedule<unknown, LastFailure>>
  /** How long a write with an unknown outcome is looked up in the list. */
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
 * Makes a policy, with the defaults for absent options.
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
 * Whether a call under the policy is exactly one request: one attempt, no schedule and no time for reconciliation.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isNone = (policy: RetryPolicy): boolean =>
  policy.attempts === 1 && Option.isNone(policy.schedule) && Duration.equals(policy.reconcileTimeout, Duration.zero)

/**
 * The policy of a region of code. `None` means that of the layer. Set it with `locally`.
 *
 * @since 0.1.0
 * @category fiber refs
 */
export const current: FiberRef.FiberRef<Option.Option<RetryPolicy>> = globalValue(
  "@effect-clerk/http/RetryPolicy/current",
  () => FiberRef.unsafeMake<Option.Option<RetryPolicy>>(Option.none())
)

/**
 * Replaces the policy of the layer for the calls of an effect. An absent option is the default, not the option of the
 * layer.
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
