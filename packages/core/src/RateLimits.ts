/**
 * The limits that Clerk publishes, per application instance.
 *
 * @since 0.1.0
 * @see https://clerk.com/docs/backend-requests/resources/rate-limits
 */
import * as Duration from "effect/Duration"

/**
 * At most so many calls within a window.
 *
 * @since 0.1.0
 * @category models
 */
export interface RateLimit {
  /** How many. */
  readonly limit: number
  /** Within how long. */
  readonly window: Duration.Duration
}

/**
 * The limits of an instance; every call counts against `all` as well.
 *
 * @since 0.1.0
 * @category models
 */
export interface RateLimits {
  /** All calls together. */
  readonly all: RateLimit
  /** `POST /v1/invitations`. */
  readonly create: RateLimit
  /** `POST /v1/invitations/bulk`. */
  readonly createBulk: RateLimit
}

/**
 * The limits of a production instance: 1000 calls in 10 seconds, 100 creates and 25 bulk creates an hour.
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
 * The limits of a development instance: 100 calls in 10 seconds, otherwise as in production.
 *
 * @since 0.1.0
 * @category constants
 */
export const development: RateLimits = {
  ...production,
  all: { limit: 100, window: Duration.seconds(10) }
}
