import { assert } from "@effect/vitest"
import { assertNone, deepStrictEqual } from "@effect/vitest/utils"
import { Effect } from "effect"
import type { Fixture, Test } from "./fixture.js"
import { assertLost, duration, idsOf, newPeople } from "./fixture.js"

/** A completed campaign of five people, with its lease. */
const completed = ({ acquire, decide, lease, release, row }: Fixture) =>
  Effect.gen(function*() {
    const held = yield* lease(5)
    yield* decide(held, "Rejected", 0, 1, 2, 3, 4)
    yield* release(held, { state: "completed", wakeAt: (yield* row()).createdAt })
    return yield* acquire()
  })

export const removal = (test: Test): void => {
  test("remove removes a campaign with its people, and no other", ({ begin, lease, start, store }) =>
    Effect.gen(function*() {
      const held = yield* lease(3)
      const other = yield* start(2, "other")
      assert.isTrue(yield* store.remove("campaign"))
      assertNone(yield* store.get("campaign"))
      deepStrictEqual(yield* store.people(held.load, { after: -1, limit: 10 }), [])
      deepStrictEqual(yield* store.counts(held.load), {})
      assertNone(yield* store.person(held.load, "person0@example.com"))
      deepStrictEqual(idsOf(yield* store.due({ version: 1, limit: 10 })), ["other"])
      deepStrictEqual(yield* store.counts(other.load), { pending: 2 })
      assert.isFalse(yield* store.remove("campaign"))
      const load = yield* begin()
      assert.notStrictEqual(load, held.load)
      deepStrictEqual(yield* store.counts(load), {})
    }))

  test("remove removes the loads that were not published", ({ advance, begin, start, store }) =>
    Effect.gen(function*() {
      const loading = yield* begin("loading")
      yield* store.addPeople(loading, newPeople(2), duration)
      yield* start(1)
      const late = yield* store.openLoad("campaign", duration)
      yield* store.addPeople(late, newPeople(2), duration)
      assert.isTrue(yield* store.remove("loading"))
      assert.isTrue(yield* store.remove("campaign"))
      for (const load of [loading, late]) {
        deepStrictEqual(yield* store.counts(load), {})
        // The process that loads would otherwise start a campaign that was deleted.
        yield* assertLost(store.addPeople(load, newPeople(1), duration))
        yield* begin("loading")
        assertNone(yield* store.publish("loading", load, { digest: "", total: 2 }))
      }
      yield* advance(duration)
      for (const load of [loading, late]) assert.notInclude(yield* store.staleLoads(10), load)
    }))

  test("purge removes the people of an ended campaign in steps and keeps its final counts", (fixture) =>
    Effect.gen(function*() {
      const { row, store } = fixture
      const held = yield* completed(fixture)
      const before = yield* row()
      const counts = "{\"Rejected\":5}"
      assert.isFalse(yield* store.purge(held, counts, 2))
      deepStrictEqual(yield* store.counts(held.load), { Rejected: 3 })
      deepStrictEqual(yield* row(), { ...before, finalCounts: counts })
      while (!(yield* store.purge(held, counts, 2)));
      deepStrictEqual(yield* store.counts(held.load), {})
      deepStrictEqual(yield* row(), { ...before, finalCounts: counts })
      for (let position = 0; position < 5; position++) {
        assertNone(yield* store.person(held.load, `person${position}@example.com`))
      }
      assert.isTrue(yield* store.purge(held, counts, 2))
    }))

  test("purge fails once another process has the lease, or the campaign runs again", (fixture) =>
    Effect.gen(function*() {
      const { acquire, advance, row, store } = fixture
      const old = yield* completed(fixture)
      yield* advance(duration)
      const current = yield* acquire()
      yield* assertLost(store.purge(old, "{}", 10))
      yield* store.retry("campaign", ["Rejected"], ["completed"])
      yield* assertLost(store.purge(current, "{}", 10))
      assert.strictEqual((yield* row()).finalCounts, null)
      deepStrictEqual(yield* store.counts(current.load), { pending: 5 })
    }))

  test("a campaign whose people are being removed cannot be retried", (fixture) =>
    Effect.gen(function*() {
      const { row, store } = fixture
      const held = yield* completed(fixture)
      yield* store.purge(held, "{}", 2)
      const before = yield* row()
      assertNone(yield* store.retry("campaign", ["Rejected"], ["completed"]))
      deepStrictEqual(yield* row(), before)
      deepStrictEqual(yield* store.counts(held.load), { Rejected: 3 })
    }))
}
