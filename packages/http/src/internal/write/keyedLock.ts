import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"

/**
 * Lets only one effect at a time run under a key. A key takes memory only while an effect runs under it, or waits to.
 */
export interface KeyedLock {
  /**
   * Runs an effect while it holds all of these keys. `limit` bounds each wait for one, and what it fails with is failed with.
   */
  readonly withKeys: <E1>(
    keys: Iterable<string>,
    limit: (wait: Effect.Effect<void>) => Effect.Effect<void, E1>
  ) => <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E | E1, R>
}

type Waiter = Deferred.Deferred<void>

export const make = (): KeyedLock => {
  /** Who waits for a key that is held. */
  const held = new Map<string, Array<Waiter>>()

  const release = (key: string) =>
    Effect.sync(() => {
      const next = held.get(key)?.shift()
      if (next === undefined) held.delete(key)
      else Deferred.unsafeDone(next, Exit.void)
    })

  // Whoever gives up waiting may have been given the key just then, and has to pass it on.
  const giveUp = (key: string, turn: Waiter) =>
    Effect.suspend(() => {
      const waiting = held.get(key) ?? []
      const index = waiting.indexOf(turn)
      if (index < 0) return release(key)
      waiting.splice(index, 1)
      return Effect.void
    })

  const withKey =
    <E1>(key: string, limit: (wait: Effect.Effect<void>) => Effect.Effect<void, E1>) =>
    <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | E1, R> =>
      Effect.uninterruptibleMask((restore) =>
        Effect.suspend(() => {
          const run = Effect.ensuring(restore(self), release(key))
          const waiting = held.get(key)
          if (waiting === undefined) {
            held.set(key, [])
            return run
          }
          const turn: Waiter = Deferred.unsafeMake(FiberId.none)
          waiting.push(turn)
          return restore(limit(Deferred.await(turn))).pipe(
            Effect.onError(() => giveUp(key, turn)),
            Effect.zipRight(run)
          )
        })
      )

  return {
    // Always in the same order, so that two that share several keys cannot wait for each other.
    withKeys: (keys, limit) => <A, E, R>(self: Effect.Effect<A, E, R>) =>
      Array.from(new Set(keys)).sort().reduceRight<
        Effect.Effect<A, E | Effect.Effect.Error<ReturnType<typeof limit>>, R>
      >(
        (inner, key) => withKey(key, limit)(inner),
        self
      )
  }
}
