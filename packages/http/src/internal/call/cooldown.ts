import type { LastFailure, Operation } from "@effect-clerk/core/InvitationError"

/**
 * What keeps the calls of an operation waiting: the error of the one that was refused, and until when.
 */
export interface ActiveCooldown {
  readonly until: number
  readonly error: LastFailure
}

/**
 * Remembers which operations the server has asked to wait with, so that one refused call spares the others theirs.
 */
export interface Cooldown {
  /** The block in force at this time, in milliseconds. */
  readonly check: (operation: Operation, now: number) => ActiveCooldown | undefined
  readonly begin: (operation: Operation, now: number, block: ActiveCooldown) => void
  /**
   * How much later than the end of a block, in milliseconds, the next that waits for it should go: one after the other, so that
   * they do not all arrive at once.
   */
  readonly stagger: (operation: Operation) => number
  readonly enqueue: (operation: Operation) => void
  readonly dequeue: (operation: Operation) => void
}

const spacing = 50

// However many wait, those behind must not wait much longer than was asked for.
const maxStagger = 5000

// A server that asks for longer than any of its windows is mistaken, and must not shut a layer out for good.
const maxCooldown = 60 * 60 * 1000

export const make = (): Cooldown => {
  const active = new Map<Operation, ActiveCooldown>()
  const waiting = new Map<Operation, number>()
  return {
    check: (operation, now) => {
      const block = active.get(operation)
      if (block !== undefined && block.until > now) return block
      active.delete(operation)
      return undefined
    },
    begin: (operation, now, { error, until }) => {
      const current = active.get(operation)
      const capped = Math.min(until, now + maxCooldown)
      if (current === undefined || current.until < capped) active.set(operation, { error, until: capped })
    },
    stagger: (operation) => (waiting.get(operation) ?? 0) * spacing % maxStagger,
    enqueue: (operation) => {
      waiting.set(operation, (waiting.get(operation) ?? 0) + 1)
    },
    dequeue: (operation) => {
      waiting.set(operation, Math.max(0, (waiting.get(operation) ?? 0) - 1))
    }
  }
}
