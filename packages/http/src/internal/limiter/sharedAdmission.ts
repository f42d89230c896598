import type { Operation } from "@effect-clerk/core/InvitationError"
import type { Quota } from "@effect-clerk/core/RateLimits"
import { quotasOf } from "@effect-clerk/core/RateLimits"
import * as RateLimiter from "@effect/experimental/RateLimiter"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Monotonic from "../client/monotonic.js"
import type { Admission, Admitted, QuotaSettings, Wait, WaitTooLong } from "./admission.js"
import { paceAfter, StoreFailure } from "./admission.js"
import * as ReservationQueue from "./reservationQueue.js"
import * as SlidingWindow from "./slidingWindow.js"

export interface Options {
  /** The limiter over the shared store. */
  readonly limiter: RateLimiter.RateLimiter
  /** The prefix of the keys in the store. */
  readonly key: string
  readonly quotas: { readonly [name in Quota]: QuotaSettings }
  /** How long an answer of the store may take. */
  readonly storeTimeout: Duration.Duration
  /** The share of each quota that this layer uses while the store fails. Without a share its calls fail. */
  readonly localShare: number | undefined
}

type AcquireError = WaitTooLong | StoreFailure

// The store in memory measures windows with `Clock.currentTimeMillis`.
const inMemory: Effect.Effect<RateLimiter.RateLimiter> = Effect.map(
  Effect.provide(RateLimiter.make, RateLimiter.layerStoreMemory),
  (limiter) => ({ ...limiter, consume: (options) => Monotonic.provide(limiter.consume(options)) })
)

const all = (held: ReadonlyArray<Admitted>): Admitted => ({
  isFresh: (now) => held.every(({ isFresh }) => isFresh(now)),
  release: () => {
    for (const { release } of held) release()
  }
})

/**
 * Admits the calls of all processes that share a store.
 *
 * The store can reserve a later call in one quota. It can neither reserve in two quotas at once nor take a reservation back. A
 * call of two quotas reserves in the scarcer one first, so a reservation may expire while the call waits for the other quota, and
 * is then lost. That is rare if the other quota has the shorter window, as Clerk's have.
 */
export const make = ({ key, limiter, localShare, quotas, storeTimeout }: Options): Effect.Effect<Admission> =>
  Effect.map(inMemory, (memory) => {
    // Runs in a daemon fiber: the caller is uninterruptible while it awaits the reservation, and a store that ignores interruption
    // must not block it.
    const askStore = <A>(self: Effect.Effect<A, unknown>): Effect.Effect<A, StoreFailure> =>
      Effect.disconnect(self).pipe(
        Effect.timeoutFail({ duration: storeTimeout, onTimeout: () => new StoreFailure() }),
        Effect.catchAllCause(() => Effect.fail(new StoreFailure())),
        Effect.interruptible,
        Effect.forkDaemon,
        Effect.flatMap(Fiber.join)
      )

    const makeQuota = (quota: Quota) => {
      const settings = quotas[quota]
      const { limit, window } = settings
      const { block, reserve } = SlidingWindow.make(limiter, { key: `${key}:${quota}`, limit, window })
      const reserveShared = askStore(reserve)
      const reserveLocally = localShare === undefined ? undefined : Effect.mapError(
        SlidingWindow.make(memory, { key: quota, limit: 1, window: Math.ceil(window / (limit * localShare)) }).reserve,
        () => new StoreFailure()
      )
      const queue = ReservationQueue.make<StoreFailure>(
        reserveLocally === undefined ? reserveShared : Effect.catchAll(reserveShared, () => reserveLocally),
        settings.grace
      )
      return {
        ...queue,
        // Other processes notice that no slot is free.
        pause: (retryAfter: number) =>
          Effect.zipRight(
            queue.pause(retryAfter, paceAfter(settings, retryAfter)),
            Effect.ignore(askStore(block(retryAfter)))
          )
      }
    }

    const queues = { all: makeQuota("all"), create: makeQuota("create"), createBulk: makeQuota("createBulk") }

    const reserve = (
      quota: Quota,
      end: number,
      onWait: (wait: Wait) => Effect.Effect<void>
    ): Effect.Effect<Admitted, AcquireError> => {
      const { isFresh, release, take } = queues[quota]
      return Effect.map(
        take(end, (millis) => onWait({ millis, quota })),
        (due): Admitted => ({ isFresh: (now) => isFresh(due, now), release: () => release(due) })
      )
    }

    // Reserves in both quotas, the scarcer one first. A reservation may expire during the wait for the other one. Then the expired
    // one is reserved again while the other one is held, until both are fresh. A failed or interrupted wait releases the one held.
    const reserveBoth = (
      reserveScarce: Effect.Effect<Admitted, AcquireError>,
      reserveOther: Effect.Effect<Admitted, AcquireError>
    ): Effect.Effect<Admitted, AcquireError> =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function*() {
          const reserveHolding = (reserve: Effect.Effect<Admitted, AcquireError>, held: Admitted) =>
            Effect.onError(restore(reserve), () => Effect.sync(held.release))

          let scarce = yield* restore(reserveScarce)
          let other = yield* reserveHolding(reserveOther, scarce)
          while (true) {
            const now = yield* Monotonic.millis
            if (!scarce.isFresh(now)) scarce = yield* reserveHolding(reserveScarce, other)
            else if (!other.isFresh(now)) other = yield* reserveHolding(reserveOther, scarce)
            else return all([scarce, other])
          }
        })
      )

    return {
      acquire: (operation: Operation, end, onWait) => {
        const [scarce, other] = quotasOf(operation)
        return other === undefined
          ? reserve(scarce, end, onWait)
          : reserveBoth(reserve(scarce, end, onWait), reserve(other, end, onWait))
      },
      pause: (quota, millis) => queues[quota].pause(millis)
    }
  })
