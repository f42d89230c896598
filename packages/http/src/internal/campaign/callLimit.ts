import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"

/**
 * Gives up the calls of a slice that are still in flight when the slice should long be over. The layer that makes the calls
 * has a time limit for each; this one needs one timer a slice, and also holds for a layer without a time limit.
 */
export interface CallLimit {
  /**
   * Runs a call in a fiber of the slice: an interruption of the caller ends the call only if the caller is interruptible. When
   * the time is over, interrupts the call and fails with the error.
   */
  readonly limit: <E2>(onTimeout: () => E2) => <A, E>(call: Effect.Effect<A, E>) => Effect.Effect<A, E | E2>
}

export const make = (millis: number): Effect.Effect<CallLimit, never, Scope.Scope> =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const inFlight = new Set<Fiber.RuntimeFiber<unknown, unknown>>()
    let time: "left" | "over" = "left"
    const isOver = (): boolean => time === "over"
    yield* Effect.suspend(() => {
      time = "over"
      return Fiber.interruptAll(inFlight)
    }).pipe(Effect.delay(millis), Effect.forkIn(scope))

    return {
      limit: (onTimeout) => (call) =>
        Effect.uninterruptibleMask((restore) =>
          Effect.gen(function*() {
            if (isOver()) return yield* Effect.fail(onTimeout())
            // A fiber interrupts its own children as soon as it is told to end, even while it is uninterruptible.
            const fiber = yield* Effect.forkIn(Effect.interruptible(call), scope)
            inFlight.add(fiber)
            const exit = yield* restore(Fiber.await(fiber)).pipe(
              Effect.onInterrupt(() => Fiber.interrupt(fiber)),
              Effect.ensuring(Effect.sync(() => inFlight.delete(fiber)))
            )
            return yield* isOver() && Exit.isFailure(exit) && Cause.isInterrupted(exit.cause)
              ? Effect.fail(onTimeout())
              : exit
          })
        )
    }
  })
