import { assert } from "@effect/vitest"
import { assertNone, deepStrictEqual } from "@effect/vitest/utils"
import { Effect } from "effect"
import type { Fixture, Test } from "./fixture.js"
import { assertBooked, beginning, positionsOf } from "./fixture.js"

/** A campaign that failed: Created, Rejected, Unknown, Rejected, pending. */
const failed = ({ advance, decide, lease, settle, store, ...fixture }: Fixture) =>
  Effect.gen(function*() {
    const held = yield* lease(5)
    yield* assertBooked(fixture.post(held, 1))
    yield* settle(held, { position: 1, state: "pending", batch: 1 })
    yield* decide(held, "Created", 0)
    yield* decide(held, "Rejected", 1, 3)
    yield* decide(held, "Unknown", 2)
    yield* store.settle(held, { from: "sending", settlements: [], answered: [], suspicion: "{}" })
    yield* store.release(held, {
      from: "running",
      state: "failed",
      wakeAt: null,
      failures: 3,
      sendAt: 1,
      problem: "{}",
      stalledReason: "reason"
    })
    yield* advance(5)
    return held
  })

export const retry = (test: Test): void => {
  test("retry makes people with the outcomes pending, and the campaign run at once", (fixture) =>
    Effect.gen(function*() {
      const { row, store } = fixture
      const held = yield* failed(fixture)
      const before = yield* row()
      const campaign = yield* Effect.flatten(store.retry("campaign", ["Rejected"], ["completed", "failed"]))
      deepStrictEqual(campaign, {
        ...before,
        state: "running",
        wakeAt: beginning + 5,
        endedAt: null,
        failures: 0,
        sendAt: null,
        problem: null,
        suspicion: null,
        stalledReason: null
      })
      deepStrictEqual(yield* row(), campaign)
      deepStrictEqual(yield* store.counts(held.load), { Created: 1, Unknown: 1, pending: 3 })
      const pending = yield* store.candidates(held.load, { kind: "fresh", limit: 10, except: [] })
      deepStrictEqual(positionsOf(pending), [1, 3, 4])
    }))

  test("a person that is retried has no posts, the maximal batch and no problem", (fixture) =>
    Effect.gen(function*() {
      const { person, store } = fixture
      const held = yield* failed(fixture)
      yield* store.retry("campaign", ["Rejected", "Unknown"], ["failed"])
      // Only the invitation of an unknown outcome may exist.
      for (const [position, firstPostedAt] of [[1, null], [2, beginning]] as const) {
        const { batch, decidedAt, posts, problem, request, state, ...retried } = yield* person(held, position)
        deepStrictEqual({ batch, decidedAt, posts, problem, state }, {
          batch: 10,
          decidedAt: null,
          posts: 0,
          problem: null,
          state: "pending"
        })
        assert.isNotNull(request)
        assert.strictEqual(retried.firstPostedAt, firstPostedAt)
      }
    }))

  test("retry changes nothing of a campaign in another state", (fixture) =>
    Effect.gen(function*() {
      const { row, store } = fixture
      const held = yield* failed(fixture)
      const before = yield* row()
      assertNone(yield* store.retry("campaign", ["Rejected"], ["completed", "paused"]))
      assertNone(yield* store.retry("unknown", ["Rejected"], ["failed"]))
      deepStrictEqual(yield* row(), before)
      assert.strictEqual((yield* store.counts(held.load)).Rejected, 2)
    }))

  test("retry keeps the people of other campaigns", (fixture) =>
    Effect.gen(function*() {
      const { decide, lease, store } = fixture
      const other = yield* lease(1, "other")
      yield* decide(other, "Rejected", 0)
      yield* failed(fixture)
      yield* store.retry("campaign", ["Rejected"], ["failed"])
      deepStrictEqual(yield* store.counts(other.load), { Rejected: 1 })
    }))
}
