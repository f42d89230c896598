/**
 * Makes the ids of one instance. It makes no id twice.
 */
export interface Ids {
  /** `inv_` and 27 characters. */
  readonly invitation: () => string
  /** `user_` and 27 characters. */
  readonly user: () => string
  /** `trace_` and 12 characters. */
  readonly trace: () => string
}

/**
 * Numbers the ids of each kind from 1, after a prefix of 18 characters of base 62.
 */
export const make = (prefix: string): Ids => {
  const counts = { inv: 0, user: 0, trace: 0 }
  const next = (kind: keyof typeof counts, prefixLength: number, digits: number): string =>
    `${kind}_${prefix.slice(0, prefixLength)}${String(++counts[kind]).padStart(digits, "0")}`
  return {
    invitation: () => next("inv", 18, 9),
    user: () => next("user", 18, 9),
    trace: () => next("trace", 6, 6)
  }
}
