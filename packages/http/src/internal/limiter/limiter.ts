import type { Operation } from "@effect-clerk/core/InvitationError"
import { RateLimited } from "@effect-clerk/core/InvitationError"
import type { InvitationsPrimitives } from "@effect-clerk/core/InvitationsPrimitives"
import type { RateLimit, RateLimits } from "@effect-clerk/core/RateLimits"
import * as RateLimiter from "@effect/experimental/RateLimiter"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import * as Option from "effect/Option"
import type { Options } from "../../RateLimiting.js"
import { currentMaxWait } from "../../RateLimiting.js"
import type { AttemptFailure } from "../client/attemptFailure.js"
import { attemptFailure } from "../client/attemptFailure.js"
import * as Telemetry from "../client/telemetry.js"
import * as ReservationQueue from "./reservationQueue.js"
import * as SlidingWindow from "./slidingWindow.js"

/**
 * Keeps the calls of a layer below the rate limits.
 */
export interface Limiter {
  /** Waits until an attempt may be sent; answers how long that took, in milliseconds. */
  readonly admit: (operation: Operation) => Effect.Effect<number, AttemptFailure>
  /** Waits as `admit` does, but before it is known what to send. Where that fails, the attempts in the effect see to it. */
  readonly withReservation: InvitationsPrimitives.WithReservation
  /**
   * Told of a 429 that asks to wait for so many milliseconds. Answers whether the limiter sees to that; a server that asks for
   * longer than the window is not counting what is counted here.
   */
  readonly onTooManyRequests: (operation: Operation, asked: number) => Effect.Effect<boolean>
  /** For how long so far, in milliseconds, at least one call has been waiting to be admitted. */
  readonly waitedMillis: Effect.Effect<number>
  /** How long an attempt may wait to be admitted, in milliseconds. */
  readonly maxWait: Effect.Effect<number>
}

/**
 * What limits are kept, and with what.
 */
export interface Settings extends Omit<Options, "limits" | "key"> {
  readonly limits: RateLimits
  readonly key: string
  /** The longest that an attempt may take. */
  readonly attempt: Duration.Duration
}

type Quota = keyof RateLimits

class StoreFailure {
  readonly _tag = "StoreFailure"
}

interface Token {
  readonly isFresh: (now: number) => boolean
  readonly release: Effect.Effect<void>
}

/**
 * What was waited for before it was known what to send.
 */
interface Reservation {
  readonly operation: Operation
  /** Whether it is still there, and still good; it no longer is afterwards. */
  readonly consume: (now: number) => boolean
  readonly end: Effect.Effect<void>
}

const makeReservation = (operation: Operation, tokens: ReadonlyArray<Token>): Reservation => {
  let left = tokens
  const end = Effect.suspend(() => {
    const unused = left
    left = []
    return Effect.forEach(unused, ({ release: giveBack }) => giveBack, { discard: true })
  })
  return {
    operation,
    consume: (now) => {
      const isGood = left.length > 0 && left.every(({ isFresh }) => isFresh(now))
      if (isGood) left = []
      return isGood
    },
    end
  }
}

const currentReservation: FiberRef.FiberRef<Reservation | undefined> = FiberRef.unsafeMake<Reservation | undefined>(
  undefined
)

const longestSlack = 20_000

const duration = (input: Duration.DurationInput | undefined, otherwise: Duration.Duration): Duration.Duration =>
  input === undefined ? otherwise : Duration.decode(input)

const quotasOf = (operation: Operation): ReadonlyArray<Quota> =>
  // The scarce one first: a token of the other would not keep for as long as that may take.
  operation === "create" || operation === "createBulk" ? [operation, "all"] : ["all"]

const inMemory: Effect.Effect<RateLimiter.RateLimiter> = Effect.provide(RateLimiter.make, RateLimiter.layerStoreMemory)

export const make = (settings: Settings): Effect.Effect<Limiter> =>
  Effect.gen(function*() {
    const longestWait = duration(settings.maxWait, Duration.infinity)
    const storeTimeout = duration(settings.storeTimeout, Duration.seconds(1))
    const memory = yield* inMemory
    const shared = settings.limiter
    const attempt = Duration.toMillis(settings.attempt)

    let waiting = 0
    let since = 0
    let idled = 0

    // In a fiber of its own: whoever asks does not let go of the answer, and a store that does not even notice that it is
    // interrupted must not hold up anybody.
    const askStore = <A>(self: Effect.Effect<A, unknown>): Effect.Effect<A, StoreFailure> =>
      Effect.disconnect(self).pipe(
        Effect.timeoutFail({ duration: storeTimeout, onTimeout: () => new StoreFailure() }),
        Effect.catchAllCause(() => Effect.fail(new StoreFailure())),
        Effect.interruptible,
        Effect.forkDaemon,
        Effect.flatMap(Fiber.join)
      )

    const makeQuota = (name: Quota, { limit, window }: RateLimit) => {
      const millis = Math.ceil(Duration.toMillis(window))
      const margin = Math.ceil(Math.min(millis / 10, attempt + longestSlack))
      const onTheWay = Math.min(attempt, margin / 2)
      const options = { key: `${settings.key}:${name}`, limit, window: millis + margin }
      const { block: close, reserve } = SlidingWindow.make(shared ?? memory, options)
      const alone = SlidingWindow.make(memory, {
        ...options,
        limit: 1,
        window: Math.ceil(options.window / (limit * (settings.localShare ?? 0.1)))
      })
      const own = ReservationQueue.make<StoreFailure>(
        shared === undefined
          ? Effect.mapError(reserve, () => new StoreFailure())
          : settings.onStoreFailure === "local"
          ? Effect.catchAll(askStore(reserve), () => Effect.mapError(alone.reserve, () => new StoreFailure()))
          : askStore(reserve),
        margin - onTheWay
      )
      return {
        ...own,
        name,
        window: millis + margin,
        // Those who share the quota are told through the store, by leaving no slot of it free.
        correct: (asked: number) =>
          // How much of the quota is in use is not known then. If it is used up evenly, there is a token for each such gap.
          own.pause(asked, { gap: Math.min(asked, Math.ceil(options.window / limit)), lasting: options.window }).pipe(
            Effect.zipRight(shared === undefined ? Effect.ignore(close(asked)) : Effect.ignore(askStore(close(asked))))
          )
      }
    }

    const quotas = {
      all: makeQuota("all", settings.limits.all),
      create: makeQuota("create", settings.limits.create),
      createBulk: makeQuota("createBulk", settings.limits.createBulk)
    }

    const maxWait = Effect.map(
      FiberRef.get(currentMaxWait),
      (current) => Duration.toMillis(Option.getOrElse(current, () => longestWait))
    )

    const count = <A, E>(self: Effect.Effect<A, E>): Effect.Effect<A, E> =>
      Effect.acquireUseRelease(
        Effect.map(Clock.currentTimeMillis, (now) => {
          if (waiting++ === 0) since = now
        }),
        () => self,
        () =>
          Effect.map(Clock.currentTimeMillis, (now) => {
            if (--waiting === 0) idled += now - since
          })
      )

    const rateLimited =
      (operation: Operation) =>
      (refusal: ReservationQueue.WaitTooLong | StoreFailure): Effect.Effect<never, AttemptFailure> => {
        const reason = refusal._tag === "TooLate" ? "maxWait" : "store"
        return Effect.zipRight(
          Telemetry.recordRateLimited(operation, reason),
          Effect.fail(attemptFailure(
            "Rejected",
            new RateLimited({
              operation,
              reason,
              retryAfter: refusal._tag === "TooLate" ? Option.some(Duration.millis(refusal.millis)) : Option.none()
            })
          ))
        )
      }

    const takeAll = (
      operation: Operation,
      end: number
    ): Effect.Effect<ReadonlyArray<Token>, ReservationQueue.WaitTooLong | StoreFailure> => {
      const take = ({ name, take }: typeof quotas[Quota]) =>
        take(end, (millis) =>
          Effect.zipRight(
            Telemetry.recordRateLimited(operation, "waited"),
            Telemetry.recordWait(operation, { millis, cause: name, kind: "limited" })
          ))
      const [first, second] = quotasOf(operation).map((name) => quotas[name])
      const token = (quota: typeof quotas[Quota], due: number): Token => ({
        isFresh: (now) => quota.isFresh(due, now),
        release: quota.release(due)
      })
      if (first === undefined) return Effect.succeed([])
      if (second === undefined) return Effect.map(take(first), (due) => [token(first, due)])
      return Effect.uninterruptibleMask((restore) => {
        // What was had of one is given back if the other cannot be had, and taken anew if it did not keep until then.
        const takeOther = (
          had: typeof first,
          due: number,
          other: typeof first
        ): Effect.Effect<ReadonlyArray<Token>, ReservationQueue.WaitTooLong | StoreFailure> =>
          restore(take(other)).pipe(
            Effect.onError(() => had.release(due)),
            Effect.flatMap((otherDue) =>
              Effect.flatMap(
                Clock.currentTimeMillis,
                (now) =>
                  had.isFresh(due, now)
                    ? Effect.succeed([token(had, due), token(other, otherDue)])
                    : takeOther(other, otherDue, had)
              )
            )
          )
        return Effect.flatMap(restore(take(first)), (due) => takeOther(first, due, second))
      })
    }

    // As much as may be waited for, from now on.
    const acquire = (operation: Operation) =>
      Effect.flatMap(
        Effect.zip(Clock.currentTimeMillis, maxWait),
        ([start, most]) => takeAll(operation, start + most)
      )

    return {
      maxWait,
      waitedMillis: Effect.map(Clock.currentTimeMillis, (now) => idled + (waiting > 0 ? now - since : 0)),
      onTooManyRequests: (operation, asked) => {
        const name = quotasOf(operation)[0] ?? "all"
        return asked > quotas[name].window
          ? Effect.succeed(false)
          : Effect.as(quotas[name].correct(Math.max(1, Math.ceil(asked))), true)
      },
      admit: (operation) =>
        Effect.gen(function*() {
          const start = yield* Clock.currentTimeMillis
          const turn = yield* FiberRef.get(currentReservation)
          if (turn !== undefined && turn.operation === operation && turn.consume(start)) return 0
          yield* count(acquire(operation))
          return (yield* Clock.currentTimeMillis) - start
        }).pipe(Effect.catchAll(rateLimited(operation))),
      withReservation: (operation) => (self) =>
        Effect.acquireUseRelease(
          Effect.interruptible(
            Effect.map(acquire(operation), (tokens) => makeReservation(operation, tokens))
          ).pipe(Effect.orElseSucceed(() => undefined)),
          (turn) => Effect.locally(self, currentReservation, turn),
          (turn) => turn?.end ?? Effect.void
        )
    }
  })
