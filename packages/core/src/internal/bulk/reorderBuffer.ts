/**
 * Puts values back into the order of their positions, which begin with 0 and have no gaps.
 */
export interface ReorderBuffer<A> {
  /** The position of the value to release next. */
  readonly nextPosition: () => number
  /** Adds a value. Returns the values that it releases, in order; empty if an earlier value is missing. */
  readonly add: (value: A) => ReadonlyArray<A>
  /** Removes and returns the values that are not released, in order. */
  readonly drain: () => ReadonlyArray<A>
}

export const make = <A extends { readonly position: number }>(): ReorderBuffer<A> => {
  const values = new Map<number, A>()
  let nextPosition = 0
  return {
    nextPosition: () => nextPosition,
    add: (value) => {
      values.set(value.position, value)
      const released: Array<A> = []
      for (let next = values.get(nextPosition); next !== undefined; next = values.get(nextPosition)) {
        values.delete(nextPosition)
        nextPosition++
        released.push(next)
      }
      return released
    },
    drain: () => {
      const drained = Array.from(values.values()).sort((a, b) => a.position - b.position)
      values.clear()
      return drained
    }
  }
}
