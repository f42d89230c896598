import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { finalize } from "../../src/internal/client/finalizer.js"

describe("finalize", () => {
  const run = <A, E>(self: Effect.Effect<A, E>, exits: Array<Exit.Exit<unknown, unknown>>) =>
    Effect.uninterruptibleMask((restore) => finalize(restore(self), (exit) => exits.push(exit)))

  it.effect("runs the finalizer once with the exit of the effect, and returns that exit", () =>
    Effect.gen(function*() {
      for (const self of [Effect.succeed(1), Effect.fail("failure"), Effect.die("bug")]) {
        const exits: Array<Exit.Exit<unknown, unknown>> = []
        const exit = yield* Effect.exit(run(self, exits))
        assert.deepStrictEqual(exits, [exit])
        assert.deepStrictEqual<unknown>(exit, yield* Effect.exit(self))
      }
    }))

  it.effect("runs the finalizer of an interrupted effect", () =>
    Effect.gen(function*() {
      const exits: Array<Exit.Exit<unknown, unknown>> = []
      const fiber = yield* Effect.fork(run(Effect.never, exits))
      yield* Effect.yieldNow()
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      assert.lengthOf(exits, 1)
    }))

  it.effect("dies if the finalizer throws", () =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(finalize(Effect.succeed(1), () => {
        throw new Error("bug")
      }))
      assert.isTrue(Exit.isFailure(exit) && exit.cause._tag === "Die")
    }))
})
