import { assert } from "@effect/vitest"
import { assertNone, deepStrictEqual } from "@effect/vitest/utils"
import { Effect, Option } from "effect"
import type { Test } from "./fixture.js"
import { beginning, duration, idsOf } from "./fixture.js"

export const transitions = (test: Test): void => {
  test("a transition happens from the given states only", ({ row, start, store }) =>
    Effect.gen(function*() {
      yield* start(1)
      const before = yield* row()
      assertNone(yield* store.transition("campaign", { from: ["paused", "failed"], to: "running", wake: "now" }))
      deepStrictEqual(yield* row(), before)
      const paused = yield* store.transition("campaign", { from: ["loading", "running"], to: "paused", wake: "never" })
      deepStrictEqual(Option.getOrThrow(paused), { ...before, state: "paused", wakeAt: null })
      deepStrictEqual(yield* row(), { ...before, state: "paused", wakeAt: null })
      assertNone(yield* store.transition("campaign", { from: ["running"], to: "paused", wake: "never" }))
      assertNone(yield* store.transition("unknown", { from: ["running"], to: "paused", wake: "never" }))
    }))

  test("a transition sets wakeAt and endedAt, and keeps startedAt", ({ advance, start, store }) =>
    Effect.gen(function*() {
      yield* start(1)
      yield* advance(5)
      const cancelled = yield* Effect.flatten(
        store.transition("campaign", { from: ["running"], to: "cancelled", wake: "now", end: "ends" })
      )
      assert.strictEqual(cancelled.wakeAt, beginning + 5)
      assert.strictEqual(cancelled.endedAt, beginning + 5)
      yield* advance(5)
      const kept = yield* Effect.flatten(
        store.transition("campaign", { from: ["cancelled"], to: "cancelled", wake: "never" })
      )
      assert.strictEqual(kept.wakeAt, null)
      assert.strictEqual(kept.endedAt, beginning + 5)
      const running = yield* Effect.flatten(
        store.transition("campaign", { from: ["cancelled"], to: "running", wake: "now", end: "restarts" })
      )
      assert.strictEqual(running.wakeAt, beginning + 10)
      assert.strictEqual(running.endedAt, null)
      assert.strictEqual(running.startedAt, beginning)
    }))

  test("a transition keeps the lease", ({ lease, row, store }) =>
    Effect.gen(function*() {
      const { fence } = yield* lease(1)
      yield* store.transition("campaign", { from: ["running"], to: "paused", wake: "never" })
      const paused = yield* row()
      assert.strictEqual(paused.fence, fence)
      assert.strictEqual(paused.leaseUntil, beginning + duration)
      assert.strictEqual(paused.leaseOwner, "owner")
    }))

  test("one of many transitions at once happens", ({ row, start, store }) =>
    Effect.gen(function*() {
      yield* start(1)
      const results = yield* Effect.forEach(
        Array.from({ length: 10 }, () => ["paused", "cancelled"] as const).flat(),
        (to) => store.transition("campaign", { from: ["running"], to, wake: "never" }),
        { concurrency: "unbounded" }
      )
      const [winner, ...others] = results.flatMap(Option.toArray)
      deepStrictEqual(others, [])
      assert.strictEqual((yield* row()).state, winner?.state)
    }))

  test("get returns None for an unknown id", ({ store }) =>
    Effect.gen(function*() {
      assertNone(yield* store.get("unknown"))
    }))

  test("list returns campaigns in the order of their ids, by state and in pages", ({ begin, row, start, store }) =>
    Effect.gen(function*() {
      // A collation of a language would sort "B" after "a", and "a_" before "a-b".
      for (const id of ["a", "b", "B", "a-b", "a_"]) yield* start(1, id)
      yield* begin("c")
      yield* store.transition("b", { from: ["running"], to: "paused", wake: "never" })
      const list = (query: Omit<Parameters<typeof store.list>[0], "limit"> & { readonly limit?: number }) =>
        Effect.map(store.list({ limit: 10, ...query }), idsOf)
      deepStrictEqual(yield* list({}), ["B", "a", "a-b", "a_", "b", "c"])
      deepStrictEqual(yield* list({ limit: 2 }), ["B", "a"])
      deepStrictEqual(yield* list({ after: "a", limit: 3 }), ["a-b", "a_", "b"])
      deepStrictEqual(yield* list({ after: "a0" }), ["a_", "b", "c"])
      deepStrictEqual(yield* list({ states: ["loading", "paused"] }), ["b", "c"])
      deepStrictEqual(yield* list({ states: ["running"], after: "B", limit: 2 }), ["a", "a-b"])
      deepStrictEqual(yield* list({ states: [] }), [])
      deepStrictEqual((yield* store.list({ limit: 1 }))[0], yield* row("B"))
    }))

  test("ended returns the campaigns that ended before a time", ({ advance, start, store }) =>
    Effect.gen(function*() {
      for (const id of ["c", "a", "b"]) {
        yield* start(1, id)
        yield* store.transition(id, { from: ["running"], to: "cancelled", wake: "never", end: "ends" })
        yield* advance(10)
      }
      yield* start(1, "d")
      deepStrictEqual(yield* store.ended(beginning, 10), [])
      deepStrictEqual(yield* store.ended(beginning + 10, 10), ["c"])
      deepStrictEqual(yield* store.ended(beginning + 1000, 10), ["a", "b", "c"])
      deepStrictEqual(yield* store.ended(beginning + 1000, 2), ["a", "b"])
    }))
}
