import * as Effect from "effect/Effect"

/**
 * Lets only one effect at a time run under a key. A key takes memory only while it is in use.
 */
export interface KeyedMutex {
  /** Runs an effect while holding all of these keys. */
  readonly withKeys: (
    keys: Iterable<string>
  ) => <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

interface Entry {
  readonly semaphore: Effect.Semaphore
  users: number
}

export const make = (): KeyedMutex => {
  const entries = new Map<string, Entry>()

  const acquire = (key: string): Entry => {
    const entry = entries.get(key) ?? { semaphore: Effect.unsafeMakeSemaphore(1), users: 0 }
    entry.users++
    entries.set(key, entry)
    return entry
  }

  const release = (key: string, entry: Entry): void => {
    if (--entry.users === 0) entries.delete(key)
  }

  const withKey = (key: string) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.acquireUseRelease(
      Effect.sync(() => acquire(key)),
      (entry) => entry.semaphore.withPermits(1)(self),
      (entry) => Effect.sync(() => release(key, entry))
    )

  return {
    // Always in the same order, so that two that share several keys cannot wait for each other.
    withKeys: (keys) => (self) =>
      Array.from(new Set(keys)).sort().reverse().reduce((inner, key) => withKey(key)(inner), self)
  }
}
