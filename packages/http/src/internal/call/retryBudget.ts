/**
 * Tokens that all calls of a layer share. A retry withdraws five, a successful call deposits one. While every call
 * fails the budget is soon empty, so that retries do not multiply the load on a failing server.
 */
export interface RetryBudget {
  /** Withdraws the cost of a retry, and returns true. Returns false if the budget has too few tokens. */
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
