/**
 * Clerk's published rate limits. They apply per application instance.
 *
 * @since 0.1.0
 * @see https://clerk.com/docs/backend-requests/resources/rate-limits
 */
import * as Duration from "effect/Duration"

/**
 * A maximum number of calls in a sliding window.
 *
 * @since 0.1.0
 * @category models
 */
export interface RateLimit {
  /** The maximum number of calls in the window. */
  readonly limit: number
  /** The length of the window. */
  readonly window: Duration.Duration
}

/**
 * The rate limits of an instance. A create counts against its own limit and against `all`.
 *
 * @since 0.1.0
 * @category models
 */
export interface RateLimits {
  /** All calls. */
  readonly all: RateLimit
  /** Single creates: `POST /v1/invitations`. */
  readonly create: RateLimit
  /** Bulk creates: `POST /v1/invitations/bulk`, of up to 10 invitations each. */
  readonly createBulk: RateLimit
}

/**
 * The limits of a production instance: 1000 calls in 10 seconds, 100 single creates and 25 bulk creates an hour.
 *
 * @since 0.1.0
 * @category constants
 */
export const production: RateLimits = {
  all: { limit: 1000, window: Duration.seconds(10) },
  create: { limit: 100, window: Duration.hours(1) },
  createBulk: { limit: 25, window: Duration.hours(1) }
}

/**
 * The limits of a development instance: 100 calls in 10 seconds, 100 single creates and 25 bulk creates an hour.
 *
 * @since 0.1.0
 * @category constants
 */
export const development: RateLimits = {
  ...production,
  all: { limit: 100, window: Duration.seconds(10) }
}
