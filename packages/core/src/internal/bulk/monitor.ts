import * as Effect from "effect/Effect"

/**
 * Guards mutable state: fibers change it, or wait until it fulfils a condition.
 */
export interface Monitor {
  /** Changes the state, then wakes every waiter whose condition it fulfils. */
  readonly change: <A>(f: () => A) => Effect.Effect<A>
  /** Waits until the condition holds. Another fiber may change the state before the waiter runs. */
  readonly waitUntil: (condition: () => boolean) => Effect.Effect<void>
}

export const make = (): Monitor => {
  const waiters = new Set<() => void>()
  return {
    change: (f) =>
      Effect.sync(() => {
        const result = f()
        for (const recheck of Array.from(waiters)) recheck()
        return result
      }),
    waitUntil: (condition) =>
      Effect.async((resume) => {
        const recheck = () => {
          if (!condition()) return
          waiters.delete(recheck)
          resume(Effect.void)
        }
        waiters.add(recheck)
        recheck()
        return Effect.sync(() => waiters.delete(recheck))
      })
  }
}
