import type { RateLimits } from "@effect-clerk/core/RateLimits"
import * as Duration from "effect/Duration"
import type { Quota } from "./quota.js"

/**
 * The resolved options of a layer. Times are in milliseconds.
 */
export interface Tuning {
  readonly limits: RateLimits
  /** The prefix of the names of the quotas. */
  readonly key: string
  /** How long a slice lasts at most. */
  readonly slice: number
  /** How long a lease lasts without a renewal. */
  readonly lease: number
  /** How long a call may take: the rest of the slice, and `callTimeout` more. */
  readonly callTimeout: number
  /** How long the invitations of a person are looked up before a post counts as not found. */
  readonly reconcileTimeout: number
}

/**
 * The longest time that a call can take.
 */
export const longestCall = ({ callTimeout, slice }: Tuning): number => slice + callTimeout

const quotaOf = ({ key, limits }: Tuning, name: keyof RateLimits): Quota => ({
  name: `${key}:${name}`,
  limit: limits[name].limit,
  window: Duration.toMillis(limits[name].window)
})

/**
 * The quotas of the campaigns of a layer.
 */
export interface Quotas {
  readonly all: Quota
  readonly create: Quota
  readonly createBulk: Quota
}

export const quotasOf = (tuning: Tuning): Quotas => ({
  all: quotaOf(tuning, "all"),
  create: quotaOf(tuning, "create"),
  createBulk: quotaOf(tuning, "createBulk")
})
