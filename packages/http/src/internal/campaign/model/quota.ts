/**
 * A limit on calls, shared by all campaigns whose quotas have the same name.
 */
export interface Quota {
  readonly name: string
  readonly limit: number
  /** In milliseconds. */
  readonly window: number
}

/**
 * Calls that are booked together. They count until the window after their answer is over, and `margin` of `quota.ts` longer.
 * `amount` is at most the limit of the quota.
 */
export interface Booking {
  readonly quota: Quota
  readonly amount: number
}

/**
 * By how much a call counts longer than the window, in milliseconds. The server may count a call later than the store, because
 * their clocks and the rounding of times differ.
 */
export const margin = (window: number): number => Math.min(1000, Math.max(1, Math.ceil(window / 500)))
