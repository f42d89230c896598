import { assert } from "@effect/vitest"
import { assertNone, assertSome, deepStrictEqual } from "@effect/vitest/utils"
import { Effect, Option } from "effect"
import type { Test } from "./fixture.js"
import { assertLost, beginning, duration, idsOf, newPeople } from "./fixture.js"

export const leases = (test: Test): void => {
  test("acquire takes the lease of a due campaign and increments the fence", ({ advance, row, start, store }) =>
    Effect.gen(function*() {
      const campaign = yield* start(1)
      yield* advance(5)
      const acquired = yield* Effect.flatten(store.acquire("campaign", { owner: "one", duration }))
      deepStrictEqual(acquired, {
        ...campaign,
        leaseOwner: "one",
        leaseUntil: beginning + 5 + duration,
        fence: campaign.fence + 1
      })
      deepStrictEqual(yield* row(), acquired)
    }))

  test("acquire returns None for a campaign that is not due", ({ acquire, advance, begin, release, start, store }) =>
    Effect.gen(function*() {
      yield* begin("loading")
      assertNone(yield* store.acquire("loading", { owner: "one", duration }))
      assertNone(yield* store.acquire("unknown", { owner: "one", duration }))
      yield* start(1)
      yield* release(yield* acquire(), { wakeAt: beginning + 10 })
      yield* advance(9)
      assertNone(yield* store.acquire("campaign", { owner: "one", duration }))
      yield* advance(1)
      yield* release(yield* acquire(), { wakeAt: null })
      yield* advance(duration)
      assertNone(yield* store.acquire("campaign", { owner: "one", duration }))
    }))

  test("a live lease excludes other processes until it ends", ({ acquire, advance, lease, row, store }) =>
    Effect.gen(function*() {
      const first = yield* lease(1)
      yield* advance(duration - 1)
      assertNone(yield* store.acquire("campaign", { owner: "two", duration }))
      deepStrictEqual(yield* store.due({ version: 1, limit: 10 }), [])
      yield* advance(1)
      deepStrictEqual(idsOf(yield* store.due({ version: 1, limit: 10 })), ["campaign"])
      const second = yield* acquire()
      assert.strictEqual(second.fence, first.fence + 1)
      assert.strictEqual((yield* row()).leaseUntil, beginning + 2 * duration)
    }))

  test("one of many processes takes the lease", ({ row, start, store }) =>
    Effect.gen(function*() {
      yield* start(1)
      const results = yield* Effect.forEach(
        Array.from({ length: 20 }, (_, n) => `${n}`),
        (owner) => store.acquire("campaign", { owner, duration }),
        { concurrency: "unbounded" }
      )
      const [winner, ...others] = results.flatMap(Option.toArray)
      deepStrictEqual(others, [])
      assert.strictEqual((yield* row()).leaseOwner, winner?.leaseOwner)
      assert.strictEqual((yield* row()).fence, 1)
    }))

  test("due returns the campaigns that have waited longest first", ({ acquire, advance, release, start, store }) =>
    Effect.gen(function*() {
      for (const [id, wakeAt] of [["a", 30], ["b", 10], ["c", 20], ["d", 41], ["e", 20]] as const) {
        yield* start(1, id)
        yield* release(yield* acquire(id), { wakeAt: beginning + wakeAt })
      }
      yield* advance(40)
      deepStrictEqual(idsOf(yield* store.due({ version: 1, limit: 10 })), ["b", "c", "e", "a"])
      deepStrictEqual(idsOf(yield* store.due({ version: 1, limit: 2 })), ["b", "c"])
    }))

  test("due and nextDue leave newer versions alone", ({ store }) =>
    Effect.gen(function*() {
      for (const [id, version] of [["new", 3], ["old", 1]] as const) {
        yield* store.begin({ id, version, settings: "{}" })
        const load = yield* store.openLoad(id, duration)
        yield* store.addPeople(load, newPeople(1), duration)
        yield* store.publish(id, load, { digest: "", total: 1 })
      }
      deepStrictEqual(idsOf(yield* store.due({ version: 3, limit: 10 })), ["new", "old"])
      deepStrictEqual(idsOf(yield* store.due({ version: 2, limit: 10 })), ["old"])
      deepStrictEqual(idsOf(yield* store.due({ version: 0, limit: 10 })), [])
      assertSome(yield* store.nextDue({ version: 2 }), beginning)
      assertNone(yield* store.nextDue({ version: 0 }))
    }))

  test("due, nextDue and competing return the campaigns of a key, and those without one", ({ begin, start, store }) =>
    Effect.gen(function*() {
      for (const key of ["one", "other", undefined]) {
        yield* store.begin({ id: `of ${key}`, key, version: 1, settings: `of ${key}` })
        yield* start(1, `of ${key}`)
      }
      const due = (key?: string) => Effect.map(store.due({ version: 1, key, limit: 10 }), idsOf)
      deepStrictEqual(yield* due("one"), ["of one", "of undefined"])
      deepStrictEqual(yield* due("third"), ["of undefined"])
      deepStrictEqual(yield* due(), ["of one", "of other", "of undefined"])
      const competing = yield* store.competing({ version: 1, key: "other", limit: 10 })
      deepStrictEqual([...competing].sort(), ["of other", "of undefined"])
      yield* store.remove("of undefined")
      assertSome(yield* store.nextDue({ version: 1, key: "one" }), beginning)
      assertNone(yield* store.nextDue({ version: 1, key: "third" }))
      // The first `begin` decides.
      assert.strictEqual((yield* store.begin({ id: "of one", key: "third", version: 1, settings: "{}" })).key, "one")
      yield* begin("of one")
    }))

  test("nextDue is when the next campaign is due and its lease has ended", ({ acquire, release, start, store }) =>
    Effect.gen(function*() {
      assertNone(yield* store.nextDue({ version: 1 }))
      yield* start(1, "a")
      yield* start(1, "b")
      const a = yield* acquire("a")
      assertSome(yield* store.nextDue({ version: 1 }), beginning)
      const b = yield* acquire("b")
      assertSome(yield* store.nextDue({ version: 1 }), beginning + duration)
      yield* release(a, { wakeAt: beginning + 2 * duration })
      assertSome(yield* store.nextDue({ version: 1 }), beginning + duration)
      yield* release(b, { wakeAt: beginning + 3 * duration })
      assertSome(yield* store.nextDue({ version: 1 }), beginning + 2 * duration)
      yield* store.transition("a", { from: ["running"], to: "paused", wake: "never" })
      assertSome(yield* store.nextDue({ version: 1 }), beginning + 3 * duration)
      yield* store.transition("b", { from: ["running"], to: "paused", wake: "never" })
      assertNone(yield* store.nextDue({ version: 1 }))
    }))

  test("release ends the lease and the slice", ({ advance, lease, row, store }) =>
    Effect.gen(function*() {
      const held = yield* lease(1)
      const before = yield* row()
      yield* advance(5)
      const end = { wakeAt: beginning + 99, failures: 2, sendAt: beginning + 9, problem: "{}", stalledReason: "reason" }
      yield* store.release(held, { ...end, from: "running", state: "running" })
      deepStrictEqual(yield* row(), { ...before, ...end, leaseOwner: null, leaseUntil: null })
    }))

  test("release completes no campaign with people who were retried meanwhile", (fixture) =>
    Effect.gen(function*() {
      const { advance, decide, lease, release, row, store } = fixture
      const held = yield* lease(2)
      yield* decide(held, "Rejected", 0)
      yield* decide(held, "Created", 1)
      yield* store.retry("campaign", ["Rejected"], ["running"])
      yield* advance(5)
      yield* release(held, { state: "completed", wakeAt: beginning + 99 })
      const { endedAt, leaseUntil, state, wakeAt } = yield* row()
      deepStrictEqual([state, wakeAt, endedAt, leaseUntil], ["running", beginning + 5, null, null])
    }))

  test("release into a state that has ended sets endedAt once", ({ acquire, advance, decide, lease, release, row }) =>
    Effect.gen(function*() {
      const held = yield* lease(1)
      yield* decide(held, "Created", 0)
      yield* advance(5)
      yield* release(held, { state: "completed", wakeAt: beginning + 10 })
      assert.strictEqual((yield* row()).state, "completed")
      assert.strictEqual((yield* row()).endedAt, beginning + 5)
      yield* advance(5)
      yield* release(yield* acquire(), { from: "completed", state: "completed" })
      assert.strictEqual((yield* row()).endedAt, beginning + 5)
      assert.strictEqual((yield* row()).wakeAt, null)
    }))

  for (const to of ["paused", "cancelled"] as const) {
    test(`release ends the lease of a campaign that is ${to}, and changes nothing else`, ({ advance, lease, row, store }) =>
      Effect.gen(function*() {
        const held = yield* lease(1)
        yield* advance(5)
        const end = to === "cancelled" ? "ends" : undefined
        yield* store.transition("campaign", { from: ["running"], to, wake: "now", end })
        const before = yield* row()
        yield* advance(5)
        yield* store.release(held, {
          from: "running",
          state: "completed",
          wakeAt: beginning + 99,
          failures: 2,
          sendAt: null,
          problem: "{}",
          stalledReason: "reason"
        })
        deepStrictEqual(yield* row(), { ...before, leaseOwner: null, leaseUntil: null })
      }))
  }

  test("release fails with an older fence only", ({ acquire, advance, lease, release, row }) =>
    Effect.gen(function*() {
      const first = yield* lease(1)
      yield* advance(duration)
      // The time of the lease is over, but no other process has taken it.
      yield* release(first, { wakeAt: beginning })
      yield* acquire()
      const before = yield* row()
      yield* assertLost(release(first, { state: "completed" }))
      deepStrictEqual(yield* row(), before)
    }))

  test("a pause is not lost, whichever of pause and release is first", ({ acquire, release, row, start, store }) =>
    Effect.gen(function*() {
      for (const n of Array.from({ length: 20 }, (_, n) => n)) {
        const id = `campaign${n}`
        yield* start(1, id)
        const held = yield* acquire(id)
        const pause = store.transition(id, { from: ["running"], to: "paused", wake: "never" })
        const end = Effect.asVoid(release(held, { wakeAt: beginning }))
        yield* Effect.all(n % 2 === 0 ? [pause, end] : [end, pause], { concurrency: "unbounded" })
        const campaign = yield* row(id)
        assert.strictEqual(campaign.state, "paused")
        assert.strictEqual(campaign.wakeAt, null)
        assert.strictEqual(campaign.leaseUntil, null)
      }
    }))

  test("a lease is lost when its campaign is removed, also if one with the same id is started", (fixture) =>
    Effect.gen(function*() {
      const { acquire, lease, person, post, release, row, settle, start, store } = fixture
      const old = yield* lease(1)
      yield* post(old, 0)
      yield* store.remove("campaign")
      const assertAllLost = Effect.gen(function*() {
        yield* assertLost(fixture.book(old))
        yield* assertLost(settle(old, { position: 0, state: "Created" }))
        yield* assertLost(release(old, { state: "completed" }))
        yield* assertLost(store.purge(old, "{}", 10))
      })
      yield* assertAllLost
      yield* start(1)
      const current = yield* acquire()
      assert.strictEqual(current.fence, old.fence)
      yield* post(current, 0)
      const before = yield* row()
      yield* assertAllLost
      deepStrictEqual(yield* row(), before)
      assert.strictEqual((yield* person(current, 0)).state, "sending")
    }))
}
