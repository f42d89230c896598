import * as Arr from "effect/Array"
import * as Option from "effect/Option"
import type { Incomplete } from "../../InviteMany.js"
import * as InviteOutcome from "../../InviteOutcome.js"
import type { Item } from "./item.js"
import { toAttempted } from "./item.js"

/**
 * An input, and what decides its outcome if no further call is made for it.
 */
export interface Entry extends InviteOutcome.Attempted {
  readonly ambiguity?: Item["ambiguity"]
  /** The position of an earlier input with the same address. */
  readonly firstPosition?: number | undefined
}

/**
 * Records the inputs that have no outcome yet, and which of them may have been invited.
 */
export interface Ledger {
  readonly size: () => number
  /** Adds an input, or replaces what is known about it. */
  readonly set: (attempted: Entry) => void
  readonly remove: (position: number) => void
  /** Removes all inputs, and returns the outcomes that they have if no further call is made for them. */
  readonly abandon: () => ReadonlyArray<InviteOutcome.InputOutcome>
  /** Records that a call for these items begins: until it returns, they may have been invited. */
  readonly markSent: (items: ReadonlyArray<Item>) => void
  /** Records that the call had no effect. An earlier call with an unknown outcome may still have invited an item. */
  readonly markNotSent: (items: ReadonlyArray<Item>) => void
  readonly incomplete: () => Pick<Incomplete, "unknown" | "unsent">
}

export const make = (): Ledger => {
  const open = new Map<number, Entry>()
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
    abandon: () => {
      const outcomes = Arr.map(Array.from(open.values()), (entry) => {
        const recipient = toAttempted(entry)
        if (entry.firstPosition !== undefined) {
          const { replaced: _, ...repeated } = recipient
          return InviteOutcome.Repeated({ ...repeated, firstPosition: entry.firstPosition })
        }
        const ambiguity = Option.flatten(Option.fromNullable(entry.ambiguity))
        return Option.match(ambiguity, {
          onNone: () => InviteOutcome.NotAttempted(recipient),
          onSome: (error) => InviteOutcome.Unknown({ ...recipient, error })
        })
      })
      open.clear()
      sent.clear()
      return outcomes
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
