import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"

/**
 * Gives up the calls of a slice that are still in flight when the slice should long be over. The layer that makes the calls
 * has a time limit for each; this one needs one timer a slice, and also holds for a layer without a time limit.
 */
export interface CallLimit {
  /** Interrupts the call when the time is over, and then fails with the error. */
  readonly limit: <E2>(onTimeout: () => E2) => <A, E, R>(call: Effect.Effect<A, E, R>) => Effect.Effect<A, E | E2, R>
}

export const make = (millis: number): Effect.Effect<CallLimit, never, Scope.Scope> =>
  Effect.gen(function*() {
    const isOver = yield* Deferred.make<boolean>()
    yield* Effect.forkScoped(Effect.delay(Deferred.succeed(isOver, true), millis))
    return {
      limit: <E2>(onTimeout: () => E2) => <A, E, R>(call: Effect.Effect<A, E, R>) =>
        Effect.gen(function*() {
          const result = yield* Deferred.make<A, E | E2>()
          // Daemons: the interruption of a fiber reaches its children at once, even while the fiber is uninterruptible.
          const fibers = [
            yield* Effect.forkDaemon(Effect.intoDeferred(Effect.interruptible(call), result)),
            yield* Effect.forkDaemon(
              Effect.interruptible(Effect.zipRight(Deferred.await(isOver), Deferred.failSync(result, onTimeout)))
            )
          ]
          return yield* Effect.ensuring(Deferred.await(result), Effect.forEach(fibers, Fiber.interruptFork))
        })
    }
  })
