import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import * as Monitor from "../../src/internal/bulk/monitor.js"

/** A counter that a monitor guards. `checks` counts how often a waiter has read it. */
const setup = () => {
  const monitor = Monitor.make()
  const counter = { value: 0, checks: 0 }
  return {
    counter,
    increment: monitor.change(() => ++counter.value),
    waitFor: (value: number) =>
      monitor.waitUntil(() => {
        counter.checks++
        return counter.value >= value
      })
  }
}

const settle = Effect.yieldNow().pipe(Effect.repeatN(5))

describe("monitor", () => {
  it.effect("returns the result of a change", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* setup().increment, 1)
    }))

  it.effect("does not wait if the condition holds", () =>
    Effect.gen(function*() {
      const { counter, increment, waitFor } = setup()
      yield* waitFor(0)
      // The waiter has left: a change does not check it again.
      yield* increment
      assert.strictEqual(counter.checks, 1)
    }))

  it.effect("wakes every waiter whose condition a change fulfils, once", () =>
    Effect.gen(function*() {
      const { counter, increment, waitFor } = setup()
      const woken: Array<number> = []
      const fibers = yield* Effect.forEach([1, 2, 2], (value) =>
        Effect.fork(Effect.tap(waitFor(value), () => Effect.sync(() => woken.push(value)))))
      yield* settle
      assert.deepStrictEqual(woken, [])
      yield* increment
      yield* settle
      assert.deepStrictEqual(woken, [1])
      yield* increment
      yield* Fiber.joinAll(fibers)
      assert.deepStrictEqual(woken, [1, 2, 2])
      assert.strictEqual(counter.checks, 3 + 3 + 2)
      yield* increment
      assert.strictEqual(counter.checks, 3 + 3 + 2)
    }))

  it.effect("does not check an interrupted waiter again", () =>
    Effect.gen(function*() {
      const { counter, increment, waitFor } = setup()
      const fiber = yield* Effect.fork(waitFor(1))
      yield* settle
      yield* Fiber.interrupt(fiber)
      yield* increment
      assert.strictEqual(counter.checks, 1)
    }))
})
