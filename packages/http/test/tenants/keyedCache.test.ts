import { assert, describe, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit, FastCheck as fc, Fiber, Scope, TestClock } from "effect"
import * as KeyedCache from "../../src/internal/tenants/keyedCache.js"

const idleMillis = 60_000

/** A cache whose values are the numbers of their builds, and the keys in the order of their builds. */
const numbered = (before: (key: string) => Effect.Effect<void, string> = () => Effect.void) => {
  const builds: Array<string> = []
  const cache = KeyedCache.make(
    (key: string) => Effect.suspend(() => Effect.as(before(key), builds.push(key))),
    idleMillis
  )
  return { builds, cache, use: (key: string) => Effect.scoped(cache.get(key)) }
}

describe("KeyedCache", () => {
  it.effect("builds a value once for one hundred concurrent users", () =>
    Effect.gen(function*() {
      const gate = yield* Effect.makeLatch()
      const { builds, use } = numbered(() => gate.await)
      const users = yield* Effect.forEach(Array.from({ length: 100 }), () => Effect.fork(use("a")))
      yield* Effect.yieldNow()
      yield* gate.open
      assert.deepStrictEqual(new Set(yield* Fiber.join(Fiber.all(users))), new Set([1]))
      assert.deepStrictEqual(builds, ["a"])
    }))

  it.effect("builds a value once wherever a user yields", () =>
    Effect.gen(function*() {
      // A fiber yields after 2,048 operations, and an iteration takes three. `RcMap` builds twice after 664 to 666 iterations.
      for (let iterations = 630; iterations <= 690; iterations++) {
        const { builds, use } = numbered()
        const busy = Effect.zipRight(
          Effect.loop(0, {
            while: (n) => n < iterations,
            step: (n) => n + 1,
            body: () => Effect.sync(() => {}),
            discard: true
          }),
          use("a")
        )
        yield* Effect.all([busy, use("a"), busy, use("a")], { concurrency: "unbounded" })
        assert.lengthOf(builds, 1)
      }
    }))

  it.effect("fails the users that wait for a failed build, and builds again for the next user", () =>
    Effect.gen(function*() {
      const gate = yield* Deferred.make<undefined, string>()
      let broken = true
      const { use } = numbered(() => broken ? Deferred.await(gate) : Effect.void)
      const users = yield* Effect.forEach([1, 2, 3], () => Effect.fork(Effect.flip(use("a"))))
      yield* Effect.yieldNow()
      yield* Deferred.fail(gate, "no")
      assert.deepStrictEqual(yield* Fiber.join(Fiber.all(users)), ["no", "no", "no"])
      assert.strictEqual(yield* Effect.flip(use("a")), "no")
      broken = false
      assert.strictEqual(yield* use("a"), 3)
      assert.strictEqual(yield* use("a"), 3)
    }))

  it.effect("a defect of a build is not kept", () =>
    Effect.gen(function*() {
      let broken = true
      const { use } = numbered(() => broken ? Effect.dieMessage("broken") : Effect.void)
      const exit = yield* Effect.exit(use("a"))
      assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
      broken = false
      yield* use("a")
    }))

  it.effect("a waiting user builds if the builder is interrupted", () =>
    Effect.gen(function*() {
      let interrupted = 0
      const gate = yield* Effect.makeLatch()
      const { builds, use } = numbered(() => Effect.onInterrupt(gate.await, () => Effect.sync(() => ++interrupted)))
      const users = yield* Effect.forEach([1, 2, 3], () => Effect.fork(use("a")))
      yield* Effect.yieldNow()
      const [builder, ...others] = users
      assert(builder !== undefined)
      yield* Fiber.interrupt(builder)
      yield* Effect.yieldNow()
      assert.deepStrictEqual([builds.length, interrupted], [2, 1])
      yield* gate.open
      assert.deepStrictEqual(yield* Fiber.join(Fiber.all(others)), [2, 2])
      assert.lengthOf(builds, 2)
    }))

  it.effect("a waiting user can leave without an effect on the build", () =>
    Effect.gen(function*() {
      const gate = yield* Effect.makeLatch()
      const { builds, use } = numbered(() => gate.await)
      const builder = yield* Effect.fork(use("a"))
      yield* Effect.yieldNow()
      const waiting = yield* Effect.fork(use("a"))
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(waiting)
      yield* gate.open
      assert.strictEqual(yield* Fiber.join(builder), 1)
      assert.deepStrictEqual(builds, ["a"])
    }))

  it.effect("the build of one key does not delay another key", () =>
    Effect.gen(function*() {
      const { use } = numbered((key) => key === "slow" ? Effect.never : Effect.void)
      yield* Effect.fork(use("slow"))
      yield* Effect.yieldNow()
      assert.strictEqual(yield* use("fast"), 2)
    }))

  it.effect("a value in use is not dropped, however long it is used", () =>
    Effect.gen(function*() {
      const { cache, use } = numbered()
      const scope = yield* Scope.make()
      yield* Scope.extend(cache.get("a"), scope)
      yield* TestClock.adjust(10 * idleMillis)
      assert.strictEqual(yield* use("a"), 1)
      yield* Scope.close(scope, Exit.void)
      yield* TestClock.adjust(idleMillis - 1)
      assert.strictEqual(yield* use("a"), 1)
      yield* TestClock.adjust(idleMillis)
      assert.strictEqual(yield* use("a"), 2)
    }))
})

type Step =
  | { readonly _tag: "get" | "invalidate"; readonly key: string }
  | { readonly _tag: "release"; readonly index: number }
  | { readonly _tag: "wait"; readonly millis: number }

const key = fc.constantFrom("a", "b", "c")

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ _tag: fc.constant("get" as const), key }) },
  { weight: 3, arbitrary: fc.record({ _tag: fc.constant("release" as const), index: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("invalidate" as const), key }) },
  {
    weight: 2,
    arbitrary: fc.record({ _tag: fc.constant("wait" as const), millis: fc.constantFrom(1, idleMillis / 2, idleMillis) })
  }
)

interface Expected {
  readonly value: number
  users: number
  idleSince: number
}

it.effect.prop("all users of a key share a value until it is idle for too long or invalidated", [
  fc.array(step, { maxLength: 30 })
], ([steps]) =>
  Effect.gen(function*() {
    const { builds, cache } = numbered()
    const current = new Map<string, Expected>()
    const held: Array<readonly [scope: Scope.CloseableScope, expected: Expected]> = []
    let now = 0
    for (const step of steps) {
      switch (step._tag) {
        case "get": {
          const before = current.get(step.key)
          const isIdle = before?.users === 0 && now - before.idleSince >= idleMillis
          const expected = before === undefined || isIdle
            ? { value: builds.length + 1, users: 0, idleSince: 0 }
            : before
          current.set(step.key, expected)
          expected.users++
          const scope = yield* Scope.make()
          held.push([scope, expected])
          assert.strictEqual(yield* Scope.extend(cache.get(step.key), scope), expected.value)
          break
        }
        case "release": {
          const [released] = held.splice(step.index, 1)
          if (released === undefined) break
          const [scope, expected] = released
          expected.users--
          expected.idleSince = now
          yield* Scope.close(scope, Exit.void)
          break
        }
        case "invalidate":
          current.delete(step.key)
          yield* cache.invalidate(step.key)
          break
        case "wait":
          now += step.millis
          yield* TestClock.adjust(step.millis)
      }
    }
  }), { fastCheck: { numRuns: 50 } })
