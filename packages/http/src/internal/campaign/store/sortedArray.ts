import type { Order } from "effect/Order"

/**
 * A set of values that are kept in order. `SortedSet` of Effect 3 is not used, because `remove` leaves values behind.
 */
export interface SortedArray<in out A> {
  readonly add: (value: A) => void
  readonly remove: (value: A) => void
  /** The values in order. Not a copy. */
  readonly values: ReadonlyArray<A>
}

export const make = <A>(order: Order<A>): SortedArray<A> => {
  const values: Array<A> = []
  // The index of the first value that is not before `value`.
  const indexOf = (value: A): number => {
    let low = 0
    let high = values.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const at = values[middle]
      if (at !== undefined && order(at, value) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
  const isAt = (index: number, value: A): boolean => {
    const at = values[index]
    return at !== undefined && order(at, value) === 0
  }
  return {
    values,
    add: (value) => {
      const index = indexOf(value)
      if (!isAt(index, value)) values.splice(index, 0, value)
    },
    remove: (value) => {
      const index = indexOf(value)
      if (isAt(index, value)) values.splice(index, 1)
    }
  }
}
