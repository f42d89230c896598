import * as Effect from "effect/Effect"

/**
 * A bucket of tokens that all calls of a layer share: a retry costs some, a success gives one back. While everything fails
 * it runs dry, and an outage is not multiplied by retries.
 */
export interface RetryBudget {
  /** Takes what a retry costs; false if there is not enough. */
  readonly spend: Effect.Effect<boolean>
  readonly refund: Effect.Effect<void>
}

const cost = 5

export const unlimited: RetryBudget = { spend: Effect.succeed(true), refund: Effect.void }

export const make = (capacity: number): RetryBudget => {
  let tokens = Number.isNaN(capacity) ? 0 : capacity
  return {
    spend: Effect.sync(() => {
      if (tokens < cost) return false
      tokens -= cost
      return true
    }),
    refund: Effect.sync(() => {
      tokens = Math.min(capacity, tokens + 1)
    })
  }
}
