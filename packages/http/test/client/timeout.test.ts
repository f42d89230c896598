import { assert, describe, it } from "@effect/vitest"
import type { FiberRefs } from "effect"
import { Context, Deferred, Duration, Effect, Exit, Fiber, FiberRef, TestClock } from "effect"
import * as Timeout from "../../src/internal/client/timeout.js"

class Name extends Context.Tag("test/Name")<Name, string>() {}

const options = {
  duration: Duration.seconds(10),
  onTimeout: () => "timeout" as const,
  context: Context.make(Name, "inner context"),
  updateRefs: (refs: FiberRefs.FiberRefs) => refs
}

const withTimeout = <A, E>(self: Effect.Effect<A, E>) => Timeout.run(self, options)

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

  it.live("interrupts an effect that takes longer by the clock of the system", () =>
    Effect.gen(function*() {
      const late = Timeout.run(Effect.never, { ...options, duration: Duration.millis(1) })
      assert.strictEqual(yield* Effect.flip(late), "timeout")
    }))

  it.live("does not time out after more milliseconds than a timer can wait", () =>
    Effect.gen(function*() {
      const soon = Effect.as(Effect.yieldNow(), "value")
      assert.strictEqual(yield* Timeout.run(soon, { ...options, duration: Duration.days(30) }), "value")
      assert.strictEqual(yield* Timeout.run(soon, { ...options, duration: Duration.infinity }), "value")
    }))

  it.effect("runs onEnd once with the exit: of a success, a failure, a timeout and an interruption", () =>
    Effect.gen(function*() {
      const exits: Array<Exit.Exit<unknown, unknown>> = []
      const run = <A, E>(self: Effect.Effect<A, E>) =>
        Timeout.run(self, { ...options, onEnd: (exit) => exits.push(exit) })
      yield* run(Effect.succeed(1))
      yield* Effect.flip(run(Effect.fail("failure")))
      const late = yield* Effect.fork(Effect.flip(run(Effect.never)))
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(late)
      const interrupted = yield* Effect.fork(run(Effect.never))
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(interrupted)
      assert.deepStrictEqual(exits.slice(0, 3), [Exit.succeed(1), Exit.fail("failure"), Exit.fail("timeout")])
      assert.lengthOf(exits, 4)
      assert.isTrue(Exit.isInterrupted(exits[3] ?? Exit.void))
    }))
})
