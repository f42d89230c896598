import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Monotonic from "../client/monotonic.js"
import * as WakeUp from "../client/wakeUp.js"
import type { Pace } from "./admission.js"
import { maxSleep, WaitTooLong } from "./admission.js"

/**
 * The calls of this process that wait for one quota. Reservations are consumed in FIFO order. A waiter that leaves frees the last
 * reservation rather than its own, so none is lost and the order is kept. All times are those of the monotonic clock, in
 * milliseconds.
 */
export interface ReservationQueue<E> {
  /**
   * Waits for the next reservation and returns when it was due. Fails with `WaitTooLong` as soon as it is known to be due after
   * `end`. Before the first wait it runs `onWait` with the expected duration in milliseconds. The wait is interruptible in
   * an uninterruptible region too.
   */
  readonly take: (
    end: number,
    onWait: (millis: number) => Effect.Effect<void>
  ) => Effect.Effect<number, E | WaitTooLong>
  /** Whether a reservation that was due at `due` may still be used at `now`. */
  readonly isFresh: (due: number, now: number) => boolean
  /** Returns an unused reservation to the queue. */
  readonly release: (due: number) => void
  /**
   * Admits no call for `millis` milliseconds, and then calls at a pace.
   */
  readonly pause: (millis: number, pace: Pace) => Effect.Effect<void>
}

interface Waiter {
  /** When the reservation that the call has taken was due. `undefined` while it waits. */
  taken: number | undefined
  /** Completed when the state of the queue has changed, then replaced. */
  changed: Deferred.Deferred<void>
}

interface State {
  /** In order of arrival. */
  readonly waiters: Array<Waiter>
  /** When each unused reservation is due, in ascending order. The first one belongs to the first waiter, and so on. */
  readonly reservations: Array<number>
  /** How many reservations have been requested and not yet received. */
  pending: number
  /** No call is admitted before this time. */
  pausedUntil: number
  /** Until this time calls are admitted `gap` milliseconds apart. */
  pacedUntil: number
  gap: number
}

type Step = Data.TaggedEnum<{
  /** No call may be admitted before `time`. */
  SleepUntil: { readonly time: number }
  /** There are fewer reservations than waiters. */
  Reserve: {}
  /** Another waiter is reserving; its reservation may be the earlier one. */
  Await: {}
  /** The reservation is due and fresh. */
  Take: { readonly due: number }
  /** The reservation has expired. */
  Discard: {}
}>

const Step = Data.taggedEnum<Step>()

/**
 * What the waiter at `index` does at `now`. A paused queue reserves nothing: the reservation would expire before it may be used.
 */
const nextStep = (state: State, index: number, now: number, grace: number): Step => {
  const admittedAt = Math.max(state.pausedUntil, now) + (now < state.pacedUntil ? state.gap * index : 0)
  if (admittedAt > now) return Step.SleepUntil({ time: admittedAt })
  if (state.reservations.length + state.pending <= index) return Step.Reserve()
  const due = state.reservations[index]
  if (due === undefined) return Step.Await()
  if (due > now) return Step.SleepUntil({ time: due })
  return now <= due + grace ? Step.Take({ due }) : Step.Discard()
}

const makeSignal = (): Deferred.Deferred<void> => Deferred.unsafeMake(FiberId.none)

/**
 * A queue that gets its reservations from `reserve`, which returns in how many milliseconds the next one is due. A reservation
 * expires `grace` milliseconds after it was due: a later call could be too close to the next call in the same slot.
 */
export const make = <E>(reserve: Effect.Effect<number, E>, grace: number): ReservationQueue<E> => {
  const state: State = { waiters: [], reservations: [], pending: 0, pausedUntil: 0, pacedUntil: 0, gap: 0 }
  const { reservations, waiters } = state

  const isFresh = (due: number, now: number): boolean => now <= due + grace

  const notify = (fromIndex: number): void => {
    for (const waiter of waiters.slice(fromIndex)) Deferred.unsafeDone(waiter.changed, Exit.void)
  }

  const add = (due: number): void => {
    const later = reservations.findIndex((other) => other > due)
    const index = later < 0 ? reservations.length : later
    reservations.splice(index, 0, due)
    notify(index)
  }

  const enter = Effect.map(Monotonic.millis, (now) => {
    // Released reservations that expired because no call was waiting.
    if (waiters.length === 0) reservations.splice(0, reservations.filter((due) => !isFresh(due, now)).length)
    const waiter: Waiter = { taken: undefined, changed: makeSignal() }
    waiters.push(waiter)
    return waiter
  })

  // A call that took its reservation and was interrupted at the same time was not sent.
  const leave = (waiter: Waiter, exit: Exit.Exit<unknown, unknown>) =>
    Effect.sync(() => {
      const index = waiters.indexOf(waiter)
      if (index >= 0) {
        waiters.splice(index, 1)
        notify(0)
      } else if (Exit.isFailure(exit) && waiter.taken !== undefined) add(waiter.taken)
    })

  // An interruption between the store's response and `add` would lose the reservation.
  const reserveOne = Effect.uninterruptible(
    Effect.suspend(() => {
      state.pending += 1
      return Effect.ensuring(
        Effect.flatMap(reserve, (millis) => Effect.map(Monotonic.millis, (now) => add(now + millis))),
        Effect.sync(() => {
          state.pending -= 1
        })
      )
    })
  )

  const awaitChange = (waiter: Waiter) =>
    Effect.map(WakeUp.awaitOther(waiter.changed), () => {
      waiter.changed = makeSignal()
    })

  const consume = (index: number, now: number): void => {
    reservations.splice(index, 1)
    waiters.splice(index, 1)
    if (now >= state.pacedUntil) return
    state.pausedUntil = now + state.gap
    notify(0)
  }

  // Each step waits, adds a reservation, removes an expired one, or returns.
  const wait = (
    waiter: Waiter,
    end: number,
    onWait: (millis: number) => Effect.Effect<void>
  ): Effect.Effect<number, E | WaitTooLong> =>
    Effect.gen(function*() {
      let hasWaited = false
      while (true) {
        const now = yield* Monotonic.millis
        const index = waiters.indexOf(waiter)
        const step = nextStep(state, index, now, grace)
        switch (step._tag) {
          case "SleepUntil": {
            const millis = step.time - now
            if (step.time > end) return yield* Effect.fail(new WaitTooLong({ millis }))
            if (!hasWaited) yield* onWait(millis)
            hasWaited = true
            yield* Effect.timeoutOption(awaitChange(waiter), Math.min(millis, maxSleep))
            break
          }
          case "Reserve":
            yield* reserveOne
            break
          case "Await":
            yield* awaitChange(waiter)
            break
          case "Discard":
            reservations.splice(index, 1)
            break
          case "Take":
            consume(index, now)
            waiter.taken = step.due
            return step.due
        }
      }
    })

  return {
    take: (end, onWait) =>
      Effect.acquireUseRelease(enter, (waiter) => Effect.interruptible(wait(waiter, end, onWait)), leave),
    isFresh,
    release: add,
    pause: (millis, pace) =>
      Effect.map(Monotonic.millis, (now) => {
        state.pausedUntil = Math.max(state.pausedUntil, now + millis)
        state.pacedUntil = state.pausedUntil + pace.lasting
        state.gap = pace.gap
        notify(0)
      })
  }
}
