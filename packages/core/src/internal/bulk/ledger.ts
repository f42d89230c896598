import * as Arr from "effect/Array"
import * as Option from "effect/Option"
import type { Incomplete } from "../../InviteMany.js"
import type * as InviteOutcome from "../../InviteOutcome.js"
import type { Item } from "./item.js"
import { toAttempted } from "./item.js"

/**
 * Records the inputs that have no outcome yet, and which of them may have been invited.
 */
export interface Ledger {
  readonly size: () => number
  /** Adds an input, or replaces what is known about it. */
  readonly set: (attempted: InviteOutcome.Attempted) => void
  readonly remove: (position: number) => void
  /** Records that a call for these items begins: until it returns, they may have been invited. */
  readonly markSent: (items: ReadonlyArray<Item>) => void
  /** Records that the call had no effect. An earlier call with an unknown outcome may still have invited an item. */
  readonly markNotSent: (items: ReadonlyArray<Item>) => void
  readonly incomplete: () => Pick<Incomplete, "unknown" | "unsent">
}

export const make = (): Ledger => {
  const open = new Map<number, InviteOutcome.Attempted>()
  const sent = new Set<number>()
  return {
    size: () => open.size,
    set: (attempted) => {
      open.set(attempted.position, attempted)
    },
    remove: (position) => {
      open.delete(position)
      sent.delete(position)
    },
    markSent: (items) => {
      for (const { position } of items) sent.add(position)
    },
    markNotSent: (items) => {
      for (const { ambiguity, position } of items) if (Option.isNone(ambiguity)) sent.delete(position)
    },
    incomplete: () => {
      const [unsent, unknown] = Arr.partition(open.values(), ({ position }) => sent.has(position))
      return { unknown: unknown.map(toAttempted), unsent: unsent.map(toAttempted) }
    }
  }
}
