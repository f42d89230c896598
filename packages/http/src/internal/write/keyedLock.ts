import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import { finalize } from "../client/finalizer.js"
import * as WakeUp from "../client/wakeUp.js"

/**
 * A mutual exclusion lock per key, granted in the order of arrival. A key takes memory only while it is held.
 */
export interface KeyedLock {
  /**
   * Runs an effect while it holds the locks of all `keys`. `awaitLock` runs the wait for a lock that another effect
   * holds. If it fails, the effect does not run, and its error is returned.
   */
  readonly withKeys: <E1>(
    keys: Iterable<string>,
    awaitLock: (acquired: Effect.Effect<void>) => Effect.Effect<void, E1>
  ) => <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E | E1, R>
}

// Completed when the lock is passed on to the waiter.
type Waiter = Deferred.Deferred<void>

// `Effect.makeSemaphore` is no replacement: a timeout of `take` that fires together with a release can lose the permit.
export const make = (): KeyedLock => {
  /** The waiters for each lock that is held. */
  const held = new Map<string, Array<Waiter>>()

  const release = (key: string): void => {
    const next = held.get(key)?.shift()
    if (next === undefined) held.delete(key)
    else Deferred.unsafeDone(next, Exit.void)
  }

  // A waiter that was interrupted may have been passed the lock at the same time, and then has to release it.
  const abandon = (key: string, waiter: Waiter) =>
    Effect.sync(() => {
      const waiters = held.get(key) ?? []
      const index = waiters.indexOf(waiter)
      if (index < 0) release(key)
      else waiters.splice(index, 1)
    })

  const withKey = <A, E, R, E1>(
    self: Effect.Effect<A, E, R>,
    key: string,
    awaitLock: (acquired: Effect.Effect<void>) => Effect.Effect<void, E1>
  ): Effect.Effect<A, E | E1, R> =>
    Effect.uninterruptibleMask((restore) => {
      const runAndRelease = finalize(restore(self), () => release(key))
      const waiters = held.get(key)
      if (waiters === undefined) {
        held.set(key, [])
        return runAndRelease
      }
      const waiter: Waiter = Deferred.unsafeMake(FiberId.none)
      waiters.push(waiter)
      return restore(awaitLock(WakeUp.awaitOther(waiter))).pipe(
        Effect.onError(() => abandon(key, waiter)),
        Effect.zipRight(runAndRelease)
      )
    })

  return {
    withKeys:
      <E1>(keys: Iterable<string>, awaitLock: (acquired: Effect.Effect<void>) => Effect.Effect<void, E1>) =>
      <A, E, R>(self: Effect.Effect<A, E, R>) =>
        // Sorted, so that two effects that share several keys cannot wait for each other.
        Array.from(new Set(keys)).sort().reduceRight<Effect.Effect<A, E | E1, R>>(
          (inner, key) => withKey(inner, key, awaitLock),
          self
        )
  }
}
