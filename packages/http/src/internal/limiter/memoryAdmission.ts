import type { Operation } from "@effect-clerk/core/InvitationError"
import type { Quota } from "@effect-clerk/core/RateLimits"
import { quotasOf } from "@effect-clerk/core/RateLimits"
import * as Arr from "effect/Array"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import { finalize } from "../client/finalizer.js"
import * as Monotonic from "../client/monotonic.js"
import * as WakeUp from "../client/wakeUp.js"
import type { Admission, Admitted, QuotaSettings, Wait } from "./admission.js"
import { maxSleep, paceAfter, WaitTooLong } from "./admission.js"
import type { MemoryWindow } from "./memoryWindow.js"
import * as Window from "./memoryWindow.js"

interface Waiter {
  /** The number of earlier calls. */
  readonly arrival: number
  /** The call fails rather than waits longer. */
  readonly end: number
  /** When the call was admitted. `undefined` while it waits. */
  admittedAt: number | undefined
  /** Completed when the call is admitted, when it becomes the first of its queue, or when a quota has changed. Then replaced. */
  changed: Deferred.Deferred<void>
}

interface CountedWindow {
  readonly quota: Quota
  readonly settings: QuotaSettings
  readonly window: MemoryWindow
}

/**
 * The waiting calls that count against the same quotas, in the order of arrival.
 */
interface Queue {
  readonly windows: Arr.NonEmptyReadonlyArray<CountedWindow>
  /** For how long a call may be sent after it was admitted, in milliseconds. */
  readonly grace: number
  readonly waiters: Set<Waiter>
  /** The first waiter that was notified of being the first. */
  leader: Waiter | undefined
}

interface Expected {
  readonly due: number
  readonly quota: Quota
}

const makeSignal = (): Deferred.Deferred<void> => Deferred.unsafeMake(FiberId.none)

const notify = (waiter: Waiter): void => Deferred.unsafeDone(waiter.changed, Exit.void)

const admittedAtOf = ({ admittedAt }: Waiter): number | undefined => admittedAt

const firstOf = ({ waiters }: Queue): Waiter | undefined => waiters.values().next().value

/**
 * Admits the calls of one layer. A call is admitted at the first moment at which all of its quotas admit it, and then counts
 * against all of them: a call that waits holds nothing. Of the calls that could be sent, the one that has waited longest is
 * admitted first. Therefore a call overtakes an earlier one only if a quota of the earlier one is used up.
 *
 * Only the first call of each queue sleeps until it is due, so the time of an admission does not depend on the number of waiting
 * calls.
 */
export const make = (settings: { readonly [name in Quota]: QuotaSettings }): Admission => {
  const counted = (quota: Quota): CountedWindow => ({
    quota,
    settings: settings[quota],
    window: Window.make(settings[quota])
  })
  const windows = { all: counted("all"), create: counted("create"), createBulk: counted("createBulk") }
  const makeQueue = (operation: Operation): Queue => {
    const quotas = quotasOf(operation)
    return {
      windows: Arr.map(quotas, (quota) => windows[quota]),
      grace: Math.min(...quotas.map((quota) => settings[quota].grace)),
      waiters: new Set(),
      leader: undefined
    }
  }
  const queues = { create: makeQueue("create"), createBulk: makeQueue("createBulk"), all: makeQueue("list") }
  const allQueues = Object.values(queues)
  const queueOf = (operation: Operation): Queue => queues[quotasOf(operation)[0]]

  let arrivals = 0

  const isDue = ({ windows }: Queue, now: number): boolean =>
    windows.every(({ window }) => window.dueAfter(0, now) <= now)

  // The first call of a queue may be due, or has to sleep.
  const notifyLeader = (queue: Queue): void => {
    const first = firstOf(queue)
    if (first === queue.leader) return
    queue.leader = first
    if (first !== undefined) notify(first)
  }

  const nextDue = (now: number): readonly [Queue, Waiter] | undefined => {
    let next: readonly [Queue, Waiter] | undefined
    for (const queue of allQueues) {
      const first = firstOf(queue)
      if (first === undefined || (next !== undefined && next[1].arrival < first.arrival)) continue
      if (isDue(queue, now)) next = [queue, first]
    }
    return next
  }

  // Admits every call that is due.
  const admitDue = (now: number): void => {
    for (let next = nextDue(now); next !== undefined; next = nextDue(now)) {
      const [queue, waiter] = next
      queue.waiters.delete(waiter)
      for (const { window } of queue.windows) window.take(now)
      waiter.admittedAt = now
      notify(waiter)
    }
    for (const queue of allQueues) notifyLeader(queue)
  }

  const release = (queue: Queue, takenAt: number): void => {
    for (const { window } of queue.windows) window.release(takenAt)
    for (const { leader } of allQueues) if (leader !== undefined) notify(leader)
  }

  const enter = (queue: Queue, end: number): Waiter => {
    const waiter: Waiter = { arrival: arrivals++, end, admittedAt: undefined, changed: makeSignal() }
    queue.waiters.add(waiter)
    return waiter
  }

  // A call that was admitted and interrupted at the same time was not sent.
  const leave = (queue: Queue, waiter: Waiter, exit: Exit.Exit<unknown, unknown>): void => {
    if (queue.waiters.delete(waiter)) notifyLeader(queue)
    else if (Exit.isFailure(exit) && waiter.admittedAt !== undefined) release(queue, waiter.admittedAt)
  }

  // When a call may be sent at the earliest, and the quota that decides it. The waiting calls of its queue come before a new
  // one. Those of other queues may have to wait longer for their other quota, so they are not counted.
  const expected = ({ waiters, windows }: Queue, now: number, isNew: boolean): Expected =>
    Arr.map(windows, ({ quota, window }) => ({
      quota,
      due: window.dueAfter(isNew ? waiters.size - 1 : 0, now)
    })).reduce((latest, next) => next.due > latest.due ? next : latest)

  // Terminates: a call is admitted, or fails when it is due after `end`, and after `end` every call is.
  const wait = (
    queue: Queue,
    waiter: Waiter,
    onWait: ((wait: Wait) => Effect.Effect<void>) | undefined
  ): Effect.Effect<number, WaitTooLong> =>
    // Without a generator. This module and `limiter.ts` had generators and nested finalizers, and a call took 1.3 times the CPU
    // time (bench row "limiter").
    Effect.withFiberRuntime((fiber) => {
      const now = Monotonic.unsafeMillis(Monotonic.clockOf(fiber))
      admitDue(now)
      const admittedAt = admittedAtOf(waiter)
      if (admittedAt !== undefined) return Effect.succeed(admittedAt)
      const { end } = waiter
      const { due, quota } = expected(queue, now, onWait !== undefined)
      const millis = due - now
      if (due > end) return Effect.fail(new WaitTooLong({ millis }))
      const wakeAt = queue.leader === waiter ? Math.min(due, end) : end
      const changed = WakeUp.awaitOther(waiter.changed)
      const woken = Effect.flatMap(
        wakeAt === Infinity
          ? changed
          : Effect.timeoutOption(changed, Math.min(Math.max(1, wakeAt - now), maxSleep)),
        () => {
          const admittedAt = admittedAtOf(waiter)
          if (admittedAt !== undefined) return Effect.succeed(admittedAt)
          waiter.changed = makeSignal()
          return wait(queue, waiter, undefined)
        }
      )
      return onWait === undefined ? woken : Effect.zipRight(onWait({ millis, quota }), woken)
    })

  return {
    acquire: (operation, end, onWait) => {
      const queue = queueOf(operation)
      return Effect.uninterruptible(Effect.suspend(() => {
        const waiter = enter(queue, end)
        const waited = finalize(Effect.interruptible(wait(queue, waiter, onWait)), (exit) => leave(queue, waiter, exit))
        return Effect.map(waited, (takenAt): Admitted => ({
          isFresh: (now) => now <= takenAt + queue.grace,
          release: () => release(queue, takenAt)
        }))
      }))
    },
    pause: (quota, millis) =>
      Effect.map(Monotonic.millis, (now) => {
        const paused = windows[quota]
        const until = now + millis
        paused.window.pause(until, paceAfter(paused.settings, millis))
        for (const { leader, waiters, windows } of allQueues) {
          if (!windows.includes(paused)) continue
          // The first call sleeps until another time, and calls that would wait too long fail. All others wait as before.
          for (const waiter of waiters) if (waiter === leader || waiter.end < until) notify(waiter)
        }
      })
  }
}
