import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"

/**
 * The turn would come too late: in so many milliseconds.
 */
export class WaitTooLong extends Data.TaggedClass("TooLate")<{ readonly millis: number }> {}

/**
 * The line in front of one quota, in this process. The turns that were reserved are had in the order of the line: whoever leaves
 * it gives up the last one, not their own, so nothing is lost and nobody is overtaken.
 */
export interface ReservationQueue<E> {
  /**
   * Waits for a turn, but not beyond `end`; answers when it was due. `onWait` is told once how long it is going to take.
   */
  readonly take: (
    end: number,
    onWait: (millis: number) => Effect.Effect<void>
  ) => Effect.Effect<number, E | WaitTooLong>
  /** Whether a turn that was due then can still be used. */
  readonly isFresh: (due: number, now: number) => boolean
  /** Gives back a turn that was not used. */
  readonly release: (due: number) => Effect.Effect<void>
  /**
   * Lets nobody go for so many milliseconds, and then for a while one after the other only, so far apart: how many turns there
   * really are is not known then.
   */
  readonly pause: (millis: number, pace: { readonly gap: number; readonly lasting: number }) => Effect.Effect<void>
}

interface Waiter {
  moved: Deferred.Deferred<void>
}

// A timer that is set for longer than about 25 days never fires.
const longestSleep = 24 * 60 * 60 * 1000

const signal = (): Deferred.Deferred<void> => Deferred.unsafeMake(FiberId.none)

/**
 * A line whose turns come from `reserve`, which answers in how many milliseconds the next one is. A turn can be used for `slack`
 * milliseconds after it was due: later than that, the next one in its slot could be too close.
 */
export const make = <E>(reserve: Effect.Effect<number, E>, grace: number): ReservationQueue<E> => {
  const waiters: Array<Waiter> = []
  /** When the turns are due that nobody has had yet, in order: the first is for the first in the line. */
  const reservations: Array<number> = []
  /** How many are being reserved. */
  let pending = 0
  let closedUntil = 0
  let pacedUntil = 0
  let gap = 0

  const isFresh = (due: number, now: number): boolean => now <= due + grace

  const wake = (from: number): void => {
    for (const waiter of waiters.slice(from)) Deferred.unsafeDone(waiter.moved, Exit.void)
  }

  const add = (due: number): void => {
    const index = reservations.findIndex((other) => other > due)
    reservations.splice(index < 0 ? reservations.length : index, 0, due)
    wake(index < 0 ? reservations.length - 1 : index)
  }

  const leave = (waiter: Waiter) =>
    Effect.sync(() => {
      const place = waiters.indexOf(waiter)
      if (place < 0) return
      waiters.splice(place, 1)
      wake(0)
    })

  // Not to be interrupted between the answer of the store and the note of it: the turn would be lost.
  const reserveOne = Effect.uninterruptible(
    Effect.suspend(() => {
      pending += 1
      return Effect.ensuring(
        Effect.flatMap(reserve, (millis) => Effect.map(Clock.currentTimeMillis, (now) => add(now + millis))),
        Effect.sync(() => {
          pending -= 1
        })
      )
    })
  )

  const await_ = (waiter: Waiter) =>
    Effect.map(Deferred.await(waiter.moved), () => {
      waiter.moved = signal()
    })

  const wait = (
    waiter: Waiter,
    end: number,
    onWait: (millis: number) => Effect.Effect<void>
  ): Effect.Effect<number, E | WaitTooLong> =>
    Effect.gen(function*() {
      let told = false

      const sleepUntil = (from: number, now: number): Effect.Effect<void, WaitTooLong> =>
        Effect.gen(function*() {
          if (from > end) return yield* Effect.fail(new WaitTooLong({ millis: from - now }))
          if (!told) yield* onWait(from - now)
          told = true
          yield* Effect.timeoutOption(await_(waiter), Math.min(from - now, longestSleep))
        })

      while (true) {
        const before = yield* Clock.currentTimeMillis
        const opens = Math.max(closedUntil, before) + (before < pacedUntil ? gap * waiters.indexOf(waiter) : 0)
        // Without a turn in hand, for it would not keep until then.
        if (opens > before) {
          yield* sleepUntil(opens, before)
          continue
        }
        if (reservations.length + pending <= waiters.indexOf(waiter)) {
          yield* reserveOne
          continue
        }
        const now = yield* Clock.currentTimeMillis
        const place = waiters.indexOf(waiter)
        const due = reservations[place]
        // Somebody else's reservation is on its way, and may be for this place.
        if (due === undefined) {
          yield* await_(waiter)
          continue
        }
        if (due > now) {
          yield* sleepUntil(due, now)
          continue
        }
        reservations.splice(place, 1)
        if (isFresh(due, now)) {
          waiters.splice(place, 1)
          if (now < pacedUntil) {
            closedUntil = now + gap
            wake(0)
          }
          return due
        }
      }
    })

  return {
    take: (end, onWait) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        // Turns that were given back and that nobody wanted.
        if (waiters.length === 0) reservations.splice(0, reservations.filter((due) => !isFresh(due, now)).length)
        const waiter: Waiter = { moved: signal() }
        waiters.push(waiter)
        return waiter
      }).pipe(
        (enter) => Effect.acquireUseRelease(enter, (waiter) => wait(waiter, end, onWait), leave)
      ),
    isFresh,
    release: (due) => Effect.sync(() => add(due)),
    pause: (millis, pace) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        closedUntil = Math.max(closedUntil, now + millis)
        pacedUntil = closedUntil + pace.lasting
        gap = pace.gap
        wake(0)
      })
  }
}
