import { assert, describe, it } from "@effect/vitest"
import { Context, Deferred, Duration, Effect, Exit, Fiber, FiberRef, TestClock } from "effect"
import * as Timeout from "../../src/internal/client/timeout.js"

class Name extends Context.Tag("test/Name")<Name, string>() {}

const withTimeout = <A, E>(self: Effect.Effect<A, E>) =>
  Timeout.run(self, {
    duration: Duration.seconds(10),
    onTimeout: () => "timeout" as const,
    context: Context.make(Name, "inner context"),
    updateRefs: (refs) => refs
  })

describe("timeout", () => {
  it.effect("returns the exit of an effect that ends in time: a value, a failure or a defect", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* withTimeout(Effect.succeed(1)), 1)
      assert.strictEqual(yield* Effect.flip(withTimeout(Effect.fail("failure"))), "failure")
      assert.deepStrictEqual(yield* Effect.exit(withTimeout(Effect.die("bug"))), Exit.die("bug"))
    }))

  it.effect("interrupts an effect that takes longer, and waits for its finalizers", () =>
    Effect.gen(function*() {
      let finalized = false
      const hanging = Effect.onInterrupt(Effect.never, () =>
        Effect.zipRight(
          Effect.yieldNow(),
          Effect.sync(() => {
            finalized = true
          })
        ))
      const fiber = yield* Effect.fork(Effect.flip(withTimeout(hanging)))
      yield* TestClock.adjust("9999 millis")
      assert.isNull(fiber.unsafePoll())
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* Fiber.join(fiber), "timeout")
      assert.isTrue(finalized)
    }))

  it.effect("interrupts the effect of a caller that is uninterruptible", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(Effect.uninterruptible(Effect.flip(withTimeout(Effect.never))))
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(yield* Fiber.join(fiber), "timeout")
    }))

  it.effect("passes an interruption of the caller on to the effect, and waits for its finalizers", () =>
    Effect.gen(function*() {
      const started = yield* Deferred.make<boolean>()
      let finalized = false
      const hanging = Effect.zipRight(Deferred.succeed(started, true), Effect.never).pipe(
        Effect.onInterrupt(() =>
          Effect.zipRight(
            Effect.yieldNow(),
            Effect.sync(() => {
              finalized = true
            })
          )
        )
      )
      const fiber = yield* Effect.fork(withTimeout(hanging))
      yield* Deferred.await(started)
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      assert.isTrue(finalized)
    }))

  it.effect("runs the effect with the fiber refs of the caller and with the given context", () =>
    Effect.gen(function*() {
      const ref = FiberRef.unsafeMake("initial")
      const [value, context] = yield* withTimeout(
        Effect.all([FiberRef.get(ref), Effect.context<never>()])
      ).pipe(Effect.locally(ref, "of the caller"))
      assert.strictEqual(value, "of the caller")
      assert.include(Context.getOption(context, Name), { _tag: "Some", value: "inner context" })
    }))
})
