import type { Operation } from "@effect-clerk/core/InvitationError"
import { RateLimited } from "@effect-clerk/core/InvitationError"
import type { InvitationsPrimitives } from "@effect-clerk/core/InvitationsPrimitives"
import type { Quota, RateLimits } from "@effect-clerk/core/RateLimits"
import { quotasOf } from "@effect-clerk/core/RateLimits"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import * as Option from "effect/Option"
import type { Options } from "../../RateLimiting.js"
import type { AttemptFailure } from "../client/attemptFailure.js"
import { attemptFailure } from "../client/attemptFailure.js"
import { finalize } from "../client/finalizer.js"
import * as Monotonic from "../client/monotonic.js"
import * as Overrides from "../client/overrides.js"
import * as Telemetry from "../client/telemetry.js"
import type { Admission, Admitted, QuotaSettings, StoreFailure, Wait, WaitTooLong } from "./admission.js"
import { quotaSettings, ReservationExpired } from "./admission.js"
import * as MemoryAdmission from "./memoryAdmission.js"
import * as SharedAdmission from "./sharedAdmission.js"

/**
 * Keeps the calls of a layer below the rate limits.
 */
export interface Limiter {
  /**
   * Waits until an attempt may be sent, then runs `send` with the milliseconds that this took. `send` runs `claim` immediately
   * before it sends the request. If it ends without that, the quotas do not count the attempt.
   *
   * `send` may have waited too long for `claim`, which then fails with `ReservationExpired`, and everything begins again.
   */
  readonly admit: <A, E>(
    operation: Operation,
    send: (
      claim: Effect.Effect<void, ReservationExpired>,
      waitedMillis: number
    ) => Effect.Effect<A, E | ReservationExpired>
  ) => Effect.Effect<A, E | AttemptFailure>
  /**
   * Waits like `admit`, then runs the effect; its first attempt of `operation` uses the reservation. If the reservation fails, the
   * effect runs without one, so that its attempts reserve for themselves and report the error.
   */
  readonly withReservation: InvitationsPrimitives.WithReservation
  /** The same, but if the reservation fails, the effect does not run. */
  readonly withRequiredReservation: InvitationsPrimitives.WithRequiredReservation
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

/**
 * The admission of one attempt.
 */
interface Reservation {
  readonly operation: Operation
  /** Whether the reservation is unused and fresh at `now`, and none of its quotas was paused since. */
  readonly isUsable: (now: number) => boolean
  /** Uses the reservation. Returns false if it is not usable at `now`. */
  readonly consume: (now: number) => boolean
  /** Releases the reservation if it was not consumed. */
  readonly release: () => void
}

const makeReservation = (
  operation: Operation,
  { isFresh, release }: Admitted,
  countPauses: (operation: Operation) => number
): Reservation => {
  let isUsed = false
  const pauses = countPauses(operation)
  const isUsable = (now: number): boolean => !isUsed && isFresh(now) && countPauses(operation) === pauses
  return {
    operation,
    isUsable,
    consume: (now) => {
      if (!isUsable(now)) return false
      isUsed = true
      return true
    },
    release: () => {
      if (isUsed) return
      isUsed = true
      release()
    }
  }
}

const currentReservation: FiberRef.FiberRef<Reservation | undefined> = FiberRef.unsafeMake<Reservation | undefined>(
  undefined
)

// Runs an effect with a reservation, if there is one, and releases it at the end.
const holding =
  <E1>(acquired: Effect.Effect<Reservation | undefined, E1>) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | E1, R> =>
    Effect.acquireUseRelease(
      acquired,
      (reservation) => Effect.locally(self, currentReservation, reservation),
      (reservation) => Effect.sync(() => reservation?.release())
    )

const defaultStoreTimeout = Duration.seconds(1)

const defaultLocalShare = 0.1

const makeAdmission = (
  settings: Settings,
  quotas: { readonly [name in Quota]: QuotaSettings }
): Effect.Effect<Admission> =>
  settings.limiter === undefined
    ? Effect.sync(() => MemoryAdmission.make(quotas))
    : SharedAdmission.make({
      limiter: settings.limiter,
      key: settings.key,
      quotas,
      storeTimeout: Duration.decode(settings.storeTimeout ?? defaultStoreTimeout),
      localShare: settings.onStoreFailure === "local" ? settings.localShare ?? defaultLocalShare : undefined
    })

export const make = (settings: Settings): Effect.Effect<Limiter> =>
  Effect.gen(function*() {
    const layerMaxWait = Duration.decode(settings.maxWait ?? Duration.infinity)
    const attemptMillis = Duration.toMillis(settings.attempt)
    const { limits } = settings
    const quotas = {
      all: quotaSettings(limits.all, attemptMillis),
      create: quotaSettings(limits.create, attemptMillis),
      createBulk: quotaSettings(limits.createBulk, attemptMillis)
    }
    const admission = yield* makeAdmission(settings, quotas)

    const maxWaitOf = (fiber: Fiber.RuntimeFiber<unknown, unknown>): number =>
      Duration.toMillis(fiber.getFiberRef(Overrides.current).maxRateLimitWait ?? layerMaxWait)

    const pauses = { all: 0, create: 0, createBulk: 0 }
    const countPauses = (operation: Operation): number =>
      quotasOf(operation).reduce((sum, quota) => sum + pauses[quota], 0)

    let waiting = 0
    let waitingSince = 0
    let waitedBefore = 0

    // In the uninterruptible region of the caller.
    const measureWait = <A, E>(now: () => number, self: Effect.Effect<A, E>): Effect.Effect<A, E> => {
      if (waiting++ === 0) waitingSince = now()
      return finalize(self, () => {
        if (--waiting === 0) waitedBefore += now() - waitingSince
      })
    }

    const rateLimited =
      (operation: Operation) => (error: WaitTooLong | StoreFailure): Effect.Effect<never, RateLimited> => {
        const [reason, retryAfter] = error._tag === "WaitTooLong"
          ? ["maxWait", Option.some(Duration.millis(error.millis))] as const
          : ["store", Option.none()] as const
        return Effect.zipRight(
          Telemetry.recordRateLimited(operation, reason),
          new RateLimited({ operation, reason, retryAfter })
        )
      }

    // `maxWait` bounds the whole wait, from now on.
    const acquire = (operation: Operation): Effect.Effect<Reservation, WaitTooLong | StoreFailure> =>
      Effect.withFiberRuntime((fiber) => {
        const end = Monotonic.unsafeMillis(Monotonic.clockOf(fiber)) + maxWaitOf(fiber)
        const onWait = ({ millis, quota }: Wait) =>
          Telemetry.recordWait(operation, { millis, cause: quota, kind: "limited" })
        return Effect.map(
          admission.acquire(operation, end, onWait),
          (admitted) => makeReservation(operation, admitted, countPauses)
        )
      })

    // The reservation of `withReservation`, or else a new one. Runs in an uninterruptible region.
    const reserve = (
      operation: Operation
    ): Effect.Effect<readonly [Reservation, waitedMillis: number], AttemptFailure> =>
      Effect.withFiberRuntime((fiber) => {
        const clock = Monotonic.clockOf(fiber)
        const now = () => Monotonic.unsafeMillis(clock)
        const start = now()
        const reservation = fiber.getFiberRef(currentReservation)
        if (reservation?.operation === operation && reservation.isUsable(start)) {
          return Effect.succeed([reservation, 0] as const)
        }
        return Effect.matchEffect(measureWait(now, acquire(operation)), {
          onSuccess: (acquired) => Effect.succeed([acquired, now() - start] as const),
          onFailure: (error) =>
            Effect.mapError(rateLimited(operation)(error), (error) => attemptFailure("Rejected", error))
        })
      })

    // The caller holds a permit, so a reservation that is not usable is replaced only if that needs no wait.
    const claim = (reservation: Reservation): Effect.Effect<void, ReservationExpired> =>
      Effect.withFiberRuntime((fiber) => {
        const now = Monotonic.unsafeMillis(Monotonic.clockOf(fiber))
        if (reservation.consume(now)) return Effect.void
        reservation.release()
        return Effect.mapError(
          Effect.asVoid(admission.acquire(reservation.operation, now, () => Effect.void)),
          () => new ReservationExpired()
        )
      })

    const admit: Limiter["admit"] = (operation, send) =>
      Effect.catchAll(
        Effect.uninterruptibleMask((restore) =>
          Effect.flatMap(
            reserve(operation),
            ([reservation, waitedMillis]) =>
              finalize(restore(send(claim(reservation), waitedMillis)), reservation.release)
          )
        ),
        (error) => error instanceof ReservationExpired ? admit(operation, send) : Effect.fail(error)
      )

    return {
      maxWait: Effect.withFiberRuntime((fiber) => Effect.succeed(maxWaitOf(fiber))),
      waitedMillis: Effect.map(
        Monotonic.millis,
        (now) => waitedBefore + (waiting > 0 ? now - waitingSince : 0)
      ),
      onTooManyRequests: (operation, retryAfter) => {
        const [quota] = quotasOf(operation)
        return Effect.suspend(() => {
          if (retryAfter > quotas[quota].window) return Effect.succeed(false)
          pauses[quota] += 1
          return Effect.as(admission.pause(quota, Math.max(1, Math.ceil(retryAfter))), true)
        })
      },
      admit,
      withReservation: (operation) => holding(Effect.orElseSucceed(acquire(operation), () => undefined)),
      withRequiredReservation: (operation) => holding(Effect.catchAll(acquire(operation), rateLimited(operation)))
    }
  })
