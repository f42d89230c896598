import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import { finalize } from "../client/finalizer.js"
import * as WakeUp from "../client/wakeUp.js"

/**
 * The permits for the attempts of a layer. An attempt holds one permit, and so does each look-up of a reconciliation.
 * Permits are granted in the order of arrival.
 */
export interface Permits {
  /**
   * Runs an effect while it holds a permit. If none is free, `awaitPermit` runs the wait until it is `acquired`. If
   * `awaitPermit` fails or is interrupted, the effect does not run, and the waiter leaves the queue.
   */
  readonly withPermit: <E1>(
    awaitPermit: (acquired: Effect.Effect<void>) => Effect.Effect<void, E1>
  ) => <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E | E1, R>
}

// Completed when the permit is passed on to the waiter.
type Waiter = Deferred.Deferred<void>

// `Effect.makeSemaphore` is no replacement: a newcomer can take the permit of a waiter, who then waits behind all
// others.
export const make = (max: number): Permits => {
  let free = max
  // In the order of arrival. Empty while a permit is free.
  const waiters = new Set<Waiter>()

  const release = () => {
    const [next] = waiters
    if (next === undefined) free++
    else {
      waiters.delete(next)
      Deferred.unsafeDone(next, Exit.void)
    }
  }

  // A waiter that was interrupted may have been passed the permit at the same time, and then has to release it.
  const abandon = (waiter: Waiter) =>
    Effect.sync(() => {
      if (!waiters.delete(waiter)) release()
    })

  return {
    withPermit: (awaitPermit) => (self) =>
      Effect.uninterruptibleMask((restore) => {
        const runAndRelease = finalize(restore(self), release)
        if (free > 0) {
          free--
          return runAndRelease
        }
        const waiter: Waiter = Deferred.unsafeMake(FiberId.none)
        waiters.add(waiter)
        return restore(awaitPermit(WakeUp.awaitOther(waiter))).pipe(
          Effect.onError(() => abandon(waiter)),
          Effect.zipRight(runAndRelease)
        )
      })
  }
}
