import { describe, expect, it } from "@effect/vitest"
import { Context, Deferred, Duration, Effect, Exit, Fiber, FiberRef, TestClock } from "effect"
import * as timeLimit from "../../src/internal/client/timeout.js"

class Name extends Context.Tag("test/Name")<Name, string>() {}

const bounded = <A, E>(self: Effect.Effect<A, E>) =>
  timeLimit.run(self, {
    duration: Duration.seconds(10),
    onTimeout: () => "late" as const,
    context: Context.make(Name, "inside"),
    updateRefs: (refs) => refs
  })

describe("timeLimit", () => {
  it.effect("what ends in time is passed on: a value, a failure, a defect", () =>
    Effect.gen(function*() {
      expect(yield* bounded(Effect.succeed(1))).toBe(1)
      expect(yield* Effect.flip(bounded(Effect.fail("no")))).toBe("no")
      expect(yield* Effect.exit(bounded(Effect.die("bug")))).toEqual(Exit.die("bug"))
    }))

  it.effect("what takes longer is interrupted, and its finalizers are waited for", () =>
    Effect.gen(function*() {
      let cleaned = false
      const hanging = Effect.onInterrupt(Effect.never, () =>
        Effect.zipRight(
          Effect.yieldNow(),
          Effect.sync(() => {
            cleaned = true
          })
        ))
      const fiber = yield* Effect.fork(Effect.flip(bounded(hanging)))
      yield* TestClock.adjust("9999 millis")
      expect(fiber.unsafePoll()).toBeNull()
      yield* TestClock.adjust("1 millis")
      expect(yield* Fiber.join(fiber)).toBe("late")
      expect(cleaned).toBe(true)
    }))

  it.effect("is kept where the caller cannot be interrupted", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(Effect.uninterruptible(Effect.flip(bounded(Effect.never))))
      yield* TestClock.adjust("10 seconds")
      expect(yield* Fiber.join(fiber)).toBe("late")
    }))

  it.effect("an interruption of the caller reaches what runs, and waits for its finalizers", () =>
    Effect.gen(function*() {
      const begun = yield* Deferred.make<boolean>()
      let cleaned = false
      const hanging = Effect.zipRight(Deferred.succeed(begun, true), Effect.never).pipe(
        Effect.onInterrupt(() =>
          Effect.zipRight(
            Effect.yieldNow(),
            Effect.sync(() => {
              cleaned = true
            })
          )
        )
      )
      const fiber = yield* Effect.fork(bounded(hanging))
      yield* Deferred.await(begun)
      expect(Exit.isInterrupted(yield* Fiber.interrupt(fiber))).toBe(true)
      expect(cleaned).toBe(true)
    }))

  it.effect("fiber refs hold inside, and the context is the one given", () =>
    Effect.gen(function*() {
      const ref = FiberRef.unsafeMake("initial")
      const seen = yield* bounded(
        Effect.all([
          FiberRef.get(ref),
          Effect.map(Effect.context<never>(), (context) => Context.getOption(context, Name))
        ])
      ).pipe(Effect.locally(ref, "of the caller"))
      expect(seen[0]).toBe("of the caller")
      expect(seen[1]).toMatchObject({ _tag: "Some", value: "inside" })
    }))
})
