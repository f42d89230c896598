import type { Operation } from "@effect-clerk/core/InvitationError"
import { RateLimited } from "@effect-clerk/core/InvitationError"
import type { InvitationsPrimitives } from "@effect-clerk/core/InvitationsPrimitives"
import type { Quota, RateLimit, RateLimits } from "@effect-clerk/core/RateLimits"
import { quotasOf } from "@effect-clerk/core/RateLimits"
import * as RateLimiter from "@effect/experimental/RateLimiter"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import * as Option from "effect/Option"
import type { Options } from "../../RateLimiting.js"
import type { AttemptFailure } from "../client/attemptFailure.js"
import { attemptFailure } from "../client/attemptFailure.js"
import * as Monotonic from "../client/monotonic.js"
import * as Overrides from "../client/overrides.js"
import * as Telemetry from "../client/telemetry.js"
import * as ReservationQueue from "./reservationQueue.js"
import * as SlidingWindow from "./slidingWindow.js"

/**
 * Keeps the calls of a layer below the rate limits.
 */
export interface Limiter {
  /** Waits until an attempt may be sent and returns how long that took, in milliseconds. */
  readonly admit: (operation: Operation) => Effect.Effect<number, AttemptFailure>
  /**
   * Waits like `admit`, then runs the effect; its first attempt of `operation` uses the reservation. If the reservation fails, the
   * effect runs without one, so that its attempts reserve for themselves and report the error.
   */
  readonly withReservation: InvitationsPrimitives.WithReservation
  /**
   * Reports a 429 that asks to wait for `retryAfter` milliseconds. Returns false if that exceeds the window: then the server
   * enforces a limit that this limiter does not model, and the caller has to wait by itself.
   */
  readonly onTooManyRequests: (operation: Operation, retryAfter: number) => Effect.Effect<boolean>
  /** For how long at least one call has been waiting in `admit`, in milliseconds since the layer was built. */
  readonly waitedMillis: Effect.Effect<number>
  /** The longest that `admit` waits, in milliseconds. */
  readonly maxWait: Effect.Effect<number>
}

/**
 * The options of `RateLimiting`, with their defaults filled in.
 */
export interface Settings extends Omit<Options, "limits" | "key"> {
  readonly limits: RateLimits
  readonly key: string
  /** The timeout of an attempt. */
  readonly attempt: Duration.Duration
}

class StoreFailure {
  readonly _tag = "StoreFailure"
}

type ReserveError = ReservationQueue.WaitTooLong | StoreFailure

/**
 * A reservation in one quota.
 */
interface QuotaReservation {
  readonly isFresh: (now: number) => boolean
  readonly release: Effect.Effect<void>
}

/**
 * The reservations of `withReservation`: one in each quota that `operation` counts against.
 */
interface Reservation {
  readonly operation: Operation
  /** Returns true once: if the reservation is unused and fresh at `now`. */
  readonly consume: (now: number) => boolean
  /** Releases the tokens that were not consumed. */
  readonly release: Effect.Effect<void>
}

const makeReservation = (operation: Operation, reservations: ReadonlyArray<QuotaReservation>): Reservation => {
  let unused = reservations
  return {
    operation,
    consume: (now) => {
      const isUsable = unused.length > 0 && unused.every(({ isFresh }) => isFresh(now))
      if (isUsable) unused = []
      return isUsable
    },
    release: Effect.suspend(() => {
      const released = unused
      unused = []
      return Effect.forEach(released, ({ release }) => release, { discard: true })
    })
  }
}

const currentReservation: FiberRef.FiberRef<Reservation | undefined> = FiberRef.unsafeMake<Reservation | undefined>(
  undefined
)

// The margin of a window is at most the timeout of an attempt plus this, in milliseconds.
const marginBeyondAttempt = 20_000

// The store in memory measures windows with `Clock.currentTimeMillis`.
const inMemory: Effect.Effect<RateLimiter.RateLimiter> = Effect.map(
  Effect.provide(RateLimiter.make, RateLimiter.layerStoreMemory),
  (limiter) => ({ ...limiter, consume: (options) => Monotonic.provide(limiter.consume(options)) })
)

export const make = (settings: Settings): Effect.Effect<Limiter> =>
  Effect.gen(function*() {
    const layerMaxWait = Duration.decode(settings.maxWait ?? Duration.infinity)
    const storeTimeout = Duration.decode(settings.storeTimeout ?? Duration.seconds(1))
    const memory = yield* inMemory
    const shared = settings.limiter
    const attemptMillis = Duration.toMillis(settings.attempt)

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

    const makeQuota = (name: Quota, { limit, window }: RateLimit) => {
      const windowMillis = Math.ceil(Duration.toMillis(window))
      const margin = Math.ceil(Math.min(windowMillis / 10, attemptMillis + marginBeyondAttempt))
      const options = { key: `${settings.key}:${name}`, limit, window: windowMillis + margin }
      const { block, reserve } = SlidingWindow.make(shared ?? memory, options)
      const local = SlidingWindow.make(memory, {
        ...options,
        limit: 1,
        window: Math.ceil(options.window / (limit * (settings.localShare ?? 0.1)))
      })
      const onMemory = <A>(self: Effect.Effect<A, unknown>) => Effect.mapError(self, () => new StoreFailure())
      const ask = shared === undefined ? onMemory : askStore
      const queue = ReservationQueue.make<StoreFailure>(
        shared !== undefined && settings.onStoreFailure === "local"
          ? Effect.catchAll(ask(reserve), () => onMemory(local.reserve))
          : ask(reserve),
        // The margin has to cover both the time that a reservation is kept and the time that a request takes to arrive.
        margin - Math.min(attemptMillis, margin / 2)
      )
      return {
        ...queue,
        name,
        window: options.window,
        // How much of the quota is in use is unknown after a 429. If other clients use it evenly, one call is possible every
        // window / limit. Processes that share the store notice because no slot is free.
        onTooManyRequests: (retryAfter: number) =>
          queue.pause(retryAfter, {
            gap: Math.min(retryAfter, Math.ceil(options.window / limit)),
            lasting: options.window
          }).pipe(Effect.zipRight(Effect.ignore(ask(block(retryAfter)))))
      }
    }

    const quotas = {
      all: makeQuota("all", settings.limits.all),
      create: makeQuota("create", settings.limits.create),
      createBulk: makeQuota("createBulk", settings.limits.createBulk)
    }

    const maxWait = Effect.map(
      FiberRef.get(Overrides.current),
      ({ maxRateLimitWait }) => Duration.toMillis(maxRateLimitWait ?? layerMaxWait)
    )

    let waiting = 0
    let waitingSince = 0
    let waitedBefore = 0

    const measureWait = <A, E>(self: Effect.Effect<A, E>): Effect.Effect<A, E> =>
      Effect.acquireUseRelease(
        Effect.map(Monotonic.millis, (now) => {
          if (waiting++ === 0) waitingSince = now
        }),
        () => self,
        () =>
          Effect.map(Monotonic.millis, (now) => {
            if (--waiting === 0) waitedBefore += now - waitingSince
          })
      )

    const toAttemptFailure = (operation: Operation) => (error: ReserveError): Effect.Effect<never, AttemptFailure> => {
      const [reason, retryAfter] = error._tag === "WaitTooLong"
        ? ["maxWait", Option.some(Duration.millis(error.millis))] as const
        : ["store", Option.none()] as const
      return Effect.zipRight(
        Telemetry.recordRateLimited(operation, reason),
        Effect.fail(attemptFailure("Rejected", new RateLimited({ operation, reason, retryAfter })))
      )
    }

    const reserve = (
      operation: Operation,
      name: Quota,
      end: number
    ): Effect.Effect<QuotaReservation, ReserveError> => {
      const { isFresh, release, take } = quotas[name]
      const onWait = (millis: number) =>
        Effect.zipRight(
          Telemetry.recordRateLimited(operation, "waited"),
          Telemetry.recordWait(operation, { millis, cause: name, kind: "limited" })
        )
      return Effect.map(take(end, onWait), (due) => ({
        isFresh: (now: number) => isFresh(due, now),
        release: release(due)
      }))
    }

    // Reserves in both quotas, the scarcer one first. A reservation may expire during the wait for the other one. Then the expired
    // one is reserved again while the other one is held, until both are fresh. A failed or interrupted wait releases the one held.
    const reserveBoth = (
      reserveScarce: Effect.Effect<QuotaReservation, ReserveError>,
      reserveOther: Effect.Effect<QuotaReservation, ReserveError>
    ): Effect.Effect<ReadonlyArray<QuotaReservation>, ReserveError> =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function*() {
          const reserveHolding = (
            reserve: Effect.Effect<QuotaReservation, ReserveError>,
            held: QuotaReservation
          ) => Effect.onError(restore(reserve), () => held.release)

          let scarce = yield* restore(reserveScarce)
          let other = yield* reserveHolding(reserveOther, scarce)
          while (true) {
            const now = yield* Monotonic.millis
            if (!scarce.isFresh(now)) scarce = yield* reserveHolding(reserveScarce, other)
            else if (!other.isFresh(now)) other = yield* reserveHolding(reserveOther, scarce)
            else return [scarce, other]
          }
        })
      )

    // `maxWait` bounds the whole wait, from now on.
    const acquire = (operation: Operation): Effect.Effect<ReadonlyArray<QuotaReservation>, ReserveError> =>
      Effect.flatMap(Effect.zip(Monotonic.millis, maxWait), ([now, maxWaitMillis]) => {
        const [scarce, other] = quotasOf(operation)
        const end = now + maxWaitMillis
        return other === undefined
          ? Effect.map(reserve(operation, scarce, end), (reservation) => [reservation])
          : reserveBoth(reserve(operation, scarce, end), reserve(operation, other, end))
      })

    return {
      maxWait,
      waitedMillis: Effect.map(
        Monotonic.millis,
        (now) => waitedBefore + (waiting > 0 ? now - waitingSince : 0)
      ),
      onTooManyRequests: (operation, retryAfter) => {
        const quota = quotas[quotasOf(operation)[0]]
        return retryAfter > quota.window
          ? Effect.succeed(false)
          : Effect.as(quota.onTooManyRequests(Math.max(1, Math.ceil(retryAfter))), true)
      },
      admit: (operation) =>
        Effect.gen(function*() {
          const start = yield* Monotonic.millis
          const reservation = yield* FiberRef.get(currentReservation)
          if (reservation?.operation === operation && reservation.consume(start)) return 0
          yield* measureWait(acquire(operation))
          return (yield* Monotonic.millis) - start
        }).pipe(Effect.catchAll(toAttemptFailure(operation))),
      withReservation: (operation) => (self) =>
        Effect.acquireUseRelease(
          Effect.interruptible(
            Effect.map(acquire(operation), (reservations) => makeReservation(operation, reservations))
          ).pipe(Effect.orElseSucceed(() => undefined)),
          (reservation) => Effect.locally(self, currentReservation, reservation),
          (reservation) => reservation?.release ?? Effect.void
        )
    }
  })
