import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, TestClock } from "effect"
import { identity } from "effect/Function"
import * as KeyedLock from "../../src/internal/write/keyedLock.js"

const setup = () => {
  const { withKeys } = KeyedLock.make()
  const log: Array<string> = []
  const section = (name: string) =>
    Effect.acquireUseRelease(
      Effect.sync(() => log.push(`${name} starts`)),
      () => Effect.sleep("1 second"),
      () => Effect.sync(() => log.push(`${name} ends`))
    )
  return { log, section, withKeys }
}

describe("keyed lock", () => {
  it.effect("runs effects with one key one at a time, in the order of their arrival", () =>
    Effect.gen(function*() {
      const { log, section, withKeys } = setup()
      const fiber = yield* Effect.fork(
        Effect.forEach(["first", "second", "third"], (name) => withKeys(["a"], identity)(section(name)), {
          concurrency: "unbounded"
        })
      )
      yield* TestClock.adjust("3 seconds")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(log, [
        "first starts",
        "first ends",
        "second starts",
        "second ends",
        "third starts",
        "third ends"
      ])
    }))

  it.effect("runs effects with different keys at the same time", () =>
    Effect.gen(function*() {
      const { log, section, withKeys } = setup()
      const fibers = yield* Effect.forEach(["a", "b"], (key) => Effect.fork(withKeys([key], identity)(section(key))))
      yield* Effect.yieldNow()
      assert.deepStrictEqual(log, ["a starts", "b starts"])
      yield* Fiber.interruptAll(fibers)
    }))

  it.effect("takes several keys in one order, so that two effects cannot wait for each other", () =>
    Effect.gen(function*() {
      const { log, section, withKeys } = setup()
      const fiber = yield* Effect.fork(
        Effect.forEach([["a", "b", "a"], ["b", "a"]], (keys) => withKeys(keys, identity)(section(keys.join(""))), {
          concurrency: "unbounded"
        })
      )
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(log, ["aba starts", "aba ends", "ba starts", "ba ends"])
    }))

  it.effect("takes the keys in one order too if two effects wait for a key each", () =>
    Effect.gen(function*() {
      const { log, section, withKeys } = setup()
      const holders = yield* Effect.forEach(["a", "b"], (key) => Effect.fork(withKeys([key], identity)(section(key))))
      yield* Effect.yieldNow()
      const waiters = yield* Effect.forEach([["a", "b"], ["b", "a"]], (keys) =>
        Effect.fork(withKeys(keys, identity)(section(keys.join("")))))
      yield* TestClock.adjust("3 seconds")
      yield* Fiber.joinAll([...holders, ...waiters])
      assert.deepStrictEqual(log.slice(4), ["ab starts", "ab ends", "ba starts", "ba ends"])
    }))

  it.effect("does not release the lock of its holder when a waiter is interrupted", () =>
    Effect.gen(function*() {
      const { log, section, withKeys } = setup()
      const start = (name: string) =>
        Effect.tap(Effect.fork(withKeys(["a"], identity)(section(name))), Effect.yieldNow())
      const holder = yield* start("holder")
      const next = yield* start("next")
      yield* Fiber.interrupt(yield* start("interrupted"))
      yield* Effect.yieldNow()
      assert.deepStrictEqual(log, ["holder starts"])
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.joinAll([holder, next])
      assert.deepStrictEqual(log, ["holder starts", "holder ends", "next starts", "next ends"])
    }))

  it.effect("fails with the error of `awaitLock`, does not run the effect, and passes the lock on", () =>
    Effect.gen(function*() {
      const { log, section, withKeys } = setup()
      const holder = yield* Effect.fork(withKeys(["a"], identity)(section("holder")))
      yield* Effect.yieldNow()
      const error = yield* Effect.flip(withKeys(["a"], () => Effect.fail("timeout"))(section("failed")))
      const next = yield* Effect.fork(withKeys(["a"], identity)(section("next")))
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.joinAll([holder, next])
      assert.strictEqual(error, "timeout")
      assert.deepStrictEqual(log, ["holder starts", "holder ends", "next starts", "next ends"])
    }))

  it.effect("passes the lock on if its waiter fails after it was passed the lock", () =>
    Effect.gen(function*() {
      const { log, section, withKeys } = setup()
      const holder = yield* Effect.fork(withKeys(["a"], identity)(section("holder")))
      yield* Effect.yieldNow()
      const failed = yield* Effect.fork(
        Effect.flip(withKeys(["a"], (acquired) => Effect.zipRight(acquired, Effect.fail("timeout")))(section("failed")))
      )
      yield* Effect.yieldNow()
      const next = yield* Effect.fork(withKeys(["a"], identity)(section("next")))
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.joinAll([holder, next])
      assert.strictEqual(yield* Fiber.join(failed), "timeout")
      assert.deepStrictEqual(log, ["holder starts", "holder ends", "next starts", "next ends"])
    }))

  it.effect("releases the lock when its holder fails or is interrupted", () =>
    Effect.gen(function*() {
      const { log, section, withKeys } = setup()
      yield* Effect.flip(withKeys(["a"], identity)(Effect.fail("failure")))
      const holder = yield* Effect.fork(withKeys(["a"], identity)(section("interrupted")))
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(holder)
      const next = yield* Effect.fork(withKeys(["a"], identity)(section("next")))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(next)
      assert.deepStrictEqual(log, ["interrupted starts", "interrupted ends", "next starts", "next ends"])
    }))
})
