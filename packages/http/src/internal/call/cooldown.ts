import type { Operation, TooManyRequests } from "@effect-clerk/core/InvitationError"
import * as Effect from "effect/Effect"

/**
 * The cooldown of one operation: its end by the monotonic clock, in milliseconds, and the error of the call that the server throttled.
 */
export interface ActiveCooldown {
  readonly until: number
  readonly error: TooManyRequests
}

/**
 * The cooldowns of a layer, one per operation. After the server has throttled one call, the others wait as well instead
 * of being throttled one by one.
 */
export interface Cooldown {
  /** The cooldown of the operation at the time `now` of the monotonic clock, `undefined` after its end. */
  readonly active: (operation: Operation, now: number) => ActiveCooldown | undefined
  /** Starts a cooldown, unless one that ends later is active. */
  readonly start: (operation: Operation, now: number, cooldown: ActiveCooldown) => void
  /**
   * How long after the end of the cooldown the next call may go, in milliseconds, so that calls do not all go at once.
   */
  readonly stagger: (operation: Operation) => number
  /** Sleeps. Calls that arrive during the sleep are staggered after this one. */
  readonly sleep: (operation: Operation, millis: number) => Effect.Effect<void>
}

// Milliseconds between two calls that waited for the same cooldown.
const spacing = 50

// A long queue starts again at 0 here, so that its last calls do not wait much longer than the server asked for.
const maxStagger = 5000

// A longer `Retry-After` than an hour, Clerk's longest window, is a mistake and must not stop a layer for good.
const maxCooldown = 60 * 60 * 1000

export const make = (): Cooldown => {
  const cooldowns = new Map<Operation, ActiveCooldown>()
  const sleepers = new Map<Operation, number>()

  const countSleeper = (operation: Operation, change: 1 | -1) =>
    Effect.sync(() => {
      sleepers.set(operation, (sleepers.get(operation) ?? 0) + change)
    })

  return {
    active: (operation, now) => {
      const cooldown = cooldowns.get(operation)
      if (cooldown !== undefined && cooldown.until > now) return cooldown
      cooldowns.delete(operation)
      return undefined
    },
    start: (operation, now, { error, until }) => {
      const current = cooldowns.get(operation)
      const capped = Math.min(until, now + maxCooldown)
      if (current === undefined || current.until < capped) cooldowns.set(operation, { error, until: capped })
    },
    stagger: (operation) => (sleepers.get(operation) ?? 0) * spacing % maxStagger,
    sleep: (operation, millis) =>
      Effect.acquireUseRelease(
        countSleeper(operation, 1),
        () => Effect.sleep(millis),
        () => countSleeper(operation, -1)
      )
  }
}
