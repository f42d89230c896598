/**
 * A bucket of tokens that all calls of a layer share: a retry costs some, a success gives one back. While everything fails
 * it runs dry, and an outage is not multiplied by retries.
 */
export interface RetryBudget {
  /** Takes what a retry costs; false if there is not enough. */
  readonly withdraw: () => boolean
  readonly deposit: () => void
}

const cost = 5

export const unlimited: RetryBudget = { withdraw: () => true, deposit: () => {} }

export const make = (capacity: number): RetryBudget => {
  let tokens = Number.isNaN(capacity) ? 0 : capacity
  return {
    withdraw: () => {
      if (tokens < cost) return false
      tokens -= cost
      return true
    },
    deposit: () => {
      tokens = Math.min(capacity, tokens + 1)
    }
  }
}
