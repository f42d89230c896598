import * as Arr from "effect/Array"
import * as Order from "effect/Order"
import type { Invitation } from "../../Invitation.js"
import * as Watermark from "./watermark.js"

const oldestFirst = Order.mapInput(Order.number, Watermark.changedAt)

/**
 * Collects the `size` oldest changes of those that are added. Memory holds at most twice as many.
 */
export interface Oldest {
  readonly add: (invitation: Invitation) => void
  /** The oldest changes in order, and whether others were dropped. */
  readonly result: () => { readonly changes: ReadonlyArray<Invitation>; readonly hasMore: boolean }
}

export const make = (size: number): Oldest => {
  let kept: Array<Invitation> = []
  let hasMore = false

  const drop = (): void => {
    hasMore ||= kept.length > size
    kept = Arr.sort(kept, oldestFirst).slice(0, size)
  }

  return {
    add: (invitation) => {
      kept.push(invitation)
      if (kept.length >= 2 * size) drop()
    },
    result: () => {
      drop()
      return { changes: kept, hasMore }
    }
  }
}
