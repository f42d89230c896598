import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber } from "effect"
import { awaitByTimer, awaitOther } from "../../src/internal/client/wakeUp.js"

describe("the wait for another call", () => {
  for (const [name, wait] of [["a wake-up", awaitOther], ["a timer of its own", awaitByTimer]] as const) {
    it.effect(`ends with the result of the other call, by ${name}`, () =>
      Effect.gen(function*() {
        const deferred = yield* Deferred.make<number, string>()
        const fibers = yield* Effect.forEach([1, 2], () => Effect.fork(wait(deferred)))
        yield* Effect.yieldNow()
        for (const fiber of fibers) assert.isNull(fiber.unsafePoll())
        yield* Deferred.succeed(deferred, 7)
        assert.deepStrictEqual(yield* Fiber.join(Fiber.all(fibers)), [7, 7])
        const failed = yield* Deferred.make<number, string>()
        yield* Deferred.fail(failed, "no")
        assert.strictEqual(yield* Effect.flip(wait(failed)), "no")
      }))

    it.effect(`can be interrupted, by ${name}`, () =>
      Effect.gen(function*() {
        const fiber = yield* Effect.fork(wait(yield* Deferred.make<number>()))
        yield* Effect.yieldNow()
        assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      }))
  }
})
