import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/**
 * Lets only one at a time hold a key. A key takes memory only while somebody holds it or waits for it.
 */
export interface KeyedMutex {
  /** Holds all of these keys until the scope is closed. Interruptible while it waits. */
  readonly lock: (keys: Iterable<string>) => Effect.Effect<void, never, Scope.Scope>
}

interface Entry {
  readonly semaphore: Effect.Semaphore
  users: number
}

export const make = (): KeyedMutex => {
  const entries = new Map<string, Entry>()

  const enter = (key: string): Effect.Effect<Entry, never, Scope.Scope> =>
    Effect.acquireRelease(
      Effect.sync(() => {
        const entry = entries.get(key) ?? { semaphore: Effect.unsafeMakeSemaphore(1), users: 0 }
        entry.users++
        entries.set(key, entry)
        return entry
      }),
      (entry) =>
        Effect.sync(() => {
          if (--entry.users === 0) entries.delete(key)
        })
    )

  const lockKey = (key: string): Effect.Effect<void, never, Scope.Scope> =>
    Effect.flatMap(
      enter(key),
      ({ semaphore }) =>
        Effect.uninterruptibleMask((restore) =>
          Effect.zipRight(restore(semaphore.take(1)), Effect.addFinalizer(() => semaphore.release(1)))
        )
    )

  return {
    // Always in the same order, so that two that share several keys cannot wait for each other.
    lock: (keys) => Effect.forEach(Array.from(new Set(keys)).sort(), lockKey, { discard: true })
  }
}
