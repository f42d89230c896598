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
 * The sum of the bookings of each quota. The order of the names is the same for all processes, so that none waits for another one
 * that waits for it.
 */
export const totals = (bookings: ReadonlyArray<Booking>): ReadonlyArray<Booking> => {
  const byName = new Map<string, Booking>()
  for (const { amount, quota } of bookings) {
    byName.set(quota.name, { quota, amount: amount + (byName.get(quota.name)?.amount ?? 0) })
  }
  return Array.from(byName.values()).sort((one, other) => one.quota.name < other.quota.name ? -1 : 1)
}

/**
 * When the calls of a booking are free, if `calls` are all that count, in the order of `freeAt`.
 */
export const freeAt = (
  { amount, quota }: Booking,
  calls: ReadonlyArray<{ readonly amount: number; readonly freeAt: number }>,
  now: number
): number => {
  let missing = calls.reduce((sum, { amount }) => sum + amount, amount - quota.limit)
  if (missing <= 0) return now
  for (const call of calls) {
    missing -= call.amount
    if (missing <= 0) return call.freeAt
  }
  // The amount exceeds the limit, so it never fits.
  return now + quota.window
}

/**
 * By how much a call counts longer than the window, in milliseconds. The server may count a call later than the store, because
 * their clocks and the rounding of times differ.
 */
export const margin = (window: number): number => Math.min(1000, Math.max(1, Math.ceil(window / 500)))
