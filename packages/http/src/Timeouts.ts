/**
 * How long an attempt and a whole call may take. Waits for the client-side rate limits do not count; see
 * `RateLimiting`. `InvitationsHttp.withTimeout` sets the timeouts for a region of code.
 *
 * @since 0.1.0
 */
import type { ConfigError } from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import { toConfigError } from "./internal/client/options.js"
import * as Overrides from "./internal/client/overrides.js"

/**
 * Options for the timeouts. Each duration must be above zero.
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

const defaults: Timeouts = { attempt: Duration.seconds(10), total: Duration.seconds(60) }

/**
 * Makes timeouts, with the defaults for absent options. Returns a `ConfigError` that names the option if one is invalid.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Either.Either<Timeouts, ConfigError> =>
  Either.mapBoth(Overrides.timeouts(options), { onLeft: toConfigError, onRight: (override) => override(defaults) })
