/**
 * How often and when a failed attempt is retried, and whether and how long a write with an unknown outcome is
 * reconciled. `InvitationsHttp.withRetry` sets the policy for a region of code.
 *
 * Whether an attempt is retried at all depends on its failure, not on the policy:
 *
 * - not sent (DNS, connection refused, TLS), or throttled (429, 409 `resource_locked`): retried.
 * - rejected (other 4xx): never retried.
 * - unknown outcome (lost connection, timeout, 5xx, unreadable response): a read, a revoke and a delete are retried. A
 *   create is reconciled first: if its invitation is in the list, it succeeds with it. Otherwise it is retried, unless
 *   a request has `ignoreExisting`, since Clerk would create a second invitation, or `reconcile` is false.
 *
 * @since 0.1.0
 */
import type { LastFailure } from "@effect-clerk/core/InvitationError"
import type { ConfigError } from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as Schedule from "effect/Schedule"
import { toConfigError } from "./internal/client/options.js"
import * as Overrides from "./internal/client/overrides.js"

/**
 * Options for a policy.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * The maximum number of attempts, the first included: a whole number of at least 1, or `Infinity`. Defaults to 3.
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
   * Whether a write with an unknown outcome is looked up in the list. If false, a create with an unknown outcome is
   * neither looked up nor retried, but fails with `AmbiguousWrite`. A revoke and a delete are still retried; a revoke
   * that is then answered with "already revoked" fails with `AmbiguousWrite`. Defaults to true.
   */
  readonly reconcile?: boolean | undefined
  /**
   * How long a write with an unknown outcome is looked up in the list before the call fails with `AmbiguousWrite`. Zero
   * looks it up once. Not used if `reconcile` is false. Defaults to 4 seconds.
   */
  readonly reconcileTimeout?: Duration.DurationInput | undefined
}

/**
 * Accepted wherever a policy is expected: options, a `Schedule` (shorthand for `{ schedule }`), or `"none"`. With
 * `"none"` a call is exactly one request: it is short for `{ attempts: 1, maxRetryAfter: 0, reconcile: false }`.
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
  /** Whether a write with an unknown outcome is looked up in the list. */
  readonly reconcile: boolean
  /** How long a write with an unknown outcome is looked up in the list. Not used if `reconcile` is false. */
  readonly reconcileTimeout: Duration.Duration
}

const defaults: RetryPolicy = {
  attempts: 3,
  minBackoff: Duration.millis(200),
  maxBackoff: Duration.seconds(8),
  maxRetryAfter: Duration.seconds(30),
  schedule: Option.none(),
  reconcile: true,
  reconcileTimeout: Duration.seconds(4)
}

/**
 * Makes a policy, with the defaults for absent options. Returns a `ConfigError` that names the option if one is invalid.
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
export const make = (input: Input = {}): Either.Either<RetryPolicy, ConfigError> =>
  Either.mapBoth(Overrides.retry(input), { onLeft: toConfigError, onRight: (override) => override(defaults) })
