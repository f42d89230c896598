/**
 * The rate limits that Clerk publishes. Each one applies to all calls of an application instance together.
 *
 * @since 0.1.0
 * @see https://clerk.com/docs/backend-requests/resources/rate-limits
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Duration from "effect/Duration"
import type { Operation } from "./InvitationError.js"

/**
 * Allows at most `limit` calls within any `window`.
 *
 * @since 0.1.0
 * @category models
 */
export interface RateLimit {
  /** The number of calls. */
  readonly limit: number
  /** The length of the sliding window. */
  readonly window: Duration.Duration
}

/**
 * The quotas of an instance. Every call counts against `all`; see `quotasOf`.
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
 * The name of a quota.
 *
 * @since 0.1.0
 * @category models
 */
export type Quota = keyof RateLimits

/**
 * Returns the quotas that a call of an operation counts against, the scarcest first: `create` and `createBulk` count against their
 * own quota and `all`, every other operation counts against `all` only.
 *
 * @since 0.1.0
 * @category utils
 * @example
 * ```ts
 * import { RateLimits } from "@effect-clerk/core"
 *
 * RateLimits.quotasOf("create") // ["create", "all"]
 * RateLimits.quotasOf("list") // ["all"]
 * ```
 */
export const quotasOf = (operation: Operation): NonEmptyReadonlyArray<Quota> =>
  operation === "create" || operation === "createBulk" ? [operation, "all"] : ["all"]

/**
 * The limits of a production instance: 1000 calls per 10 seconds, 100 creates per hour and 25 bulk creates per hour.
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
 * The limits of a development instance: 100 calls per 10 seconds, otherwise the same as production.
 *
 * @since 0.1.0
 * @category constants
 */
export const development: RateLimits = {
  ...production,
  all: { limit: 100, window: Duration.seconds(10) }
}
