import { assert } from "@effect/vitest"
import { assertNone, assertSome, deepStrictEqual } from "@effect/vitest/utils"
import { Effect, Option } from "effect"
import type { Test } from "./fixture.js"
import { assertLost, beginning, duration, newPeople, newPerson } from "./fixture.js"

const published = { digest: "digest", total: 3 }

export const loading = (test: Test): void => {
  test("begin stores a campaign once and returns the stored one", ({ advance, row, store }) =>
    Effect.gen(function*() {
      const campaign = yield* store.begin({ id: "campaign", version: 3, settings: "{\"a\":1}" })
      deepStrictEqual(campaign, {
        id: "campaign",
        key: null,
        version: 3,
        state: "loading",
        load: null,
        digest: null,
        settings: "{\"a\":1}",
        total: 0,
        wakeAt: null,
        leaseOwner: null,
        leaseUntil: null,
        fence: 0,
        createdAt: beginning,
        startedAt: null,
        endedAt: null,
        failures: 0,
        problem: null,
        suspicion: null,
        sendAt: null,
        turn: null,
        stalledReason: null,
        finalCounts: null
      })
      yield* advance(1)
      deepStrictEqual(yield* store.begin({ id: "campaign", version: 4, settings: "{}" }), campaign)
      deepStrictEqual(yield* row(), campaign)
    }))

  test("begin by ten processes at once stores one campaign", ({ store }) =>
    Effect.gen(function*() {
      const campaigns = yield* Effect.forEach(
        Array.from({ length: 10 }, (_, n) => n),
        (n) => store.begin({ id: "campaign", version: 1, settings: `${n}` }),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(new Set(campaigns.map(({ settings }) => settings)).size, 1)
    }))

  test("publish starts a campaign with the people of a load", ({ advance, begin, row, store }) =>
    Effect.gen(function*() {
      const load = yield* begin()
      const before = yield* row()
      yield* store.addPeople(load, newPeople(3), duration)
      yield* advance(5)
      const campaign = yield* Effect.flatten(store.publish("campaign", load, published))
      deepStrictEqual(campaign, {
        ...before,
        ...published,
        state: "running",
        load,
        wakeAt: beginning + 5,
        startedAt: beginning + 5
      })
      deepStrictEqual(yield* row(), campaign)
    }))

  test("publish returns None for a campaign that is not loading", ({ begin, row, start, store }) =>
    Effect.gen(function*() {
      const load = yield* begin()
      assertNone(yield* store.publish("other", load, published))
      yield* start(1, "started")
      const late = yield* store.openLoad("started", duration)
      const started = yield* row("started")
      assertNone(yield* store.publish("started", late, published))
      deepStrictEqual(yield* row("started"), started)
      yield* store.transition("campaign", { from: ["loading"], to: "cancelled", wake: "never", end: "ends" })
      assertNone(yield* store.publish("campaign", load, published))
    }))

  test("publish returns None for a load that has ended, or of another campaign", ({ advance, begin, row, store }) =>
    Effect.gen(function*() {
      const load = yield* begin()
      const other = yield* begin("other")
      assertNone(yield* store.publish("campaign", other, published))
      assertNone(yield* store.publish("campaign", 123_456, published))
      yield* advance(duration)
      assertNone(yield* store.publish("campaign", load, published))
      assert.strictEqual((yield* row()).state, "loading")
    }))

  test("publish by two loads at once starts the campaign with one of them", ({ begin, row, store }) =>
    Effect.gen(function*() {
      const loads = [yield* begin(), yield* begin()]
      assert.strictEqual(new Set(loads).size, 2)
      for (const load of loads) yield* store.addPeople(load, newPeople(3), duration)
      const campaigns = yield* Effect.forEach(
        loads,
        (load) => store.publish("campaign", load, published),
        { concurrency: "unbounded" }
      )
      const [winner, ...others] = campaigns.flatMap(Option.toArray)
      assert.strictEqual(others.length, 0)
      assert.strictEqual((yield* row()).load, winner?.load)
    }))

  test("publish and discardLoad at once leave a campaign with all people or none", ({ begin, store }) =>
    Effect.gen(function*() {
      for (let n = 0; n < 20; n++) {
        const id = `campaign${n}`
        const load = yield* begin(id)
        yield* store.addPeople(load, newPeople(3), duration)
        const [campaign] = yield* Effect.all(
          [store.publish(id, load, published), store.discardLoad(load, 2)],
          { concurrency: "unbounded" }
        )
        deepStrictEqual(yield* store.counts(load), { pending: Option.isSome(campaign) ? 3 : 1 })
      }
    }))

  test("addPeople stores pending people in the order of their positions", ({ begin, store }) =>
    Effect.gen(function*() {
      const load = yield* begin()
      yield* store.addPeople(load, newPeople(1), duration)
      yield* store.addPeople(load, [newPerson(1, "ann")], duration)
      const [, person, ...others] = yield* store.people(load, { after: -1, limit: 10 })
      deepStrictEqual(others, [])
      deepStrictEqual(person, {
        position: 1,
        emailAddress: "ann@Example.com",
        request: "{\"emailAddress\":\"ann@Example.com\"}",
        state: "pending",
        batch: 10,
        posts: 0,
        firstPostedAt: null,
        postedAt: null,
        checkAt: null,
        known: [],
        invitationId: null,
        problem: null,
        decidedAt: null,
        followUps: 0,
        followUpAt: null,
        isAccepted: false
      })
      deepStrictEqual(yield* store.counts(load), { pending: 2 })
    }))

  test("addPeople stores a repeated address as Repeated, in one call or in several", ({ advance, begin, store }) =>
    Effect.gen(function*() {
      const load = yield* begin()
      const other = yield* begin("other")
      yield* store.addPeople(other, [newPerson(0, "ann")], duration)
      yield* store.addPeople(load, [newPerson(0, "ann"), newPerson(1, "bob"), newPerson(2, "ann")], duration)
      yield* advance(1)
      yield* store.addPeople(load, [newPerson(3, "bob"), newPerson(4, "ann"), newPerson(5, "cid")], duration)
      const people = yield* store.people(load, { after: -1, limit: 10 })
      deepStrictEqual(
        people.map(({ state }) => state),
        ["pending", "pending", "Repeated", "Repeated", "Repeated", "pending"]
      )
      for (const [position, decidedAt] of [[2, beginning], [3, beginning + 1]] as const) {
        const repeated = people[position]
        deepStrictEqual([repeated?.request, repeated?.decidedAt], [null, decidedAt])
      }
      deepStrictEqual(yield* store.counts(load), { pending: 3, Repeated: 3 })
      deepStrictEqual(yield* store.counts(other), { pending: 1 })
    }))

  test("addPeople stores thousands of people at once", ({ begin, store }) =>
    Effect.gen(function*() {
      const load = yield* begin()
      yield* store.addPeople(load, newPeople(2500), duration)
      deepStrictEqual(yield* store.counts(load), { pending: 2500 })
    }))

  test("addPeople renews the load", ({ advance, begin, store }) =>
    Effect.gen(function*() {
      const load = yield* begin()
      for (const position of [0, 1, 2]) {
        yield* advance(duration - 1)
        yield* store.addPeople(load, [newPerson(position)], duration)
      }
      yield* advance(duration)
      yield* assertLost(store.addPeople(load, [newPerson(3)], duration))
      deepStrictEqual(yield* store.counts(load), { pending: 3 })
    }))

  test("addPeople fails for a load that is unknown, discarded, removed or published", ({ begin, start, store }) =>
    Effect.gen(function*() {
      yield* assertLost(store.addPeople(123_456, newPeople(1), duration))
      const { load } = yield* start(2)
      yield* assertLost(store.addPeople(load, [newPerson(2)], duration))
      deepStrictEqual(yield* store.counts(load), { pending: 2 })
      const discarded = yield* begin("discarded")
      assert.isTrue(yield* store.discardLoad(discarded, 10))
      yield* assertLost(store.addPeople(discarded, newPeople(1), duration))
      const removed = yield* begin("removed")
      assert.isTrue(yield* store.remove("removed"))
      yield* assertLost(store.addPeople(removed, newPeople(1), duration))
    }))

  test("discardLoad removes a load in steps, and ends its lease with the first", ({ begin, store }) =>
    Effect.gen(function*() {
      const load = yield* begin()
      yield* store.addPeople(load, newPeople(5), duration)
      assert.isFalse(yield* store.discardLoad(load, 2))
      deepStrictEqual(yield* store.counts(load), { pending: 3 })
      yield* assertLost(store.addPeople(load, [newPerson(5)], duration))
      assertNone(yield* store.publish("campaign", load, published))
      // A crash between the steps leaves a load that any process finds.
      deepStrictEqual(yield* store.staleLoads(10), [load])
      while (!(yield* store.discardLoad(load, 2)));
      deepStrictEqual(yield* store.counts(load), {})
      deepStrictEqual(yield* store.staleLoads(10), [])
      assertNone(yield* store.person(load, "person0@example.com"))
    }))

  test("discardLoad removes nothing of a campaign", ({ start, store }) =>
    Effect.gen(function*() {
      const { load } = yield* start(2)
      assert.isTrue(yield* store.discardLoad(load, 10))
      deepStrictEqual(yield* store.counts(load), { pending: 2 })
      assert.isTrue(yield* store.discardLoad(123_456, 10))
    }))

  test("staleLoads returns the loads that no process renews and no campaign has", ({ advance, begin, start, store }) =>
    Effect.gen(function*() {
      yield* start(1)
      const loads = [yield* begin("one"), yield* begin("two"), yield* begin("three")]
      yield* advance(duration - 1)
      deepStrictEqual(yield* store.staleLoads(10), [])
      const renewed = yield* begin("four")
      yield* advance(1)
      deepStrictEqual([...yield* store.staleLoads(10)].sort((a, b) => a - b), loads)
      assert.strictEqual((yield* store.staleLoads(2)).length, 2)
      yield* advance(duration)
      assert.include(yield* store.staleLoads(10), renewed)
    }))

  test("abandon removes a campaign in the state loading without a live load", ({ advance, begin, start, store }) =>
    Effect.gen(function*() {
      const load = yield* begin()
      yield* start(1, "running")
      yield* store.abandon("campaign")
      assert.isTrue(Option.isSome(yield* store.get("campaign")))
      yield* advance(duration)
      yield* store.abandon("campaign")
      assertNone(yield* store.get("campaign"))
      deepStrictEqual(yield* store.staleLoads(10), [load])
      yield* store.abandon("running")
      assertSome(Option.map(yield* store.get("running"), ({ state }) => state), "running")
      yield* store.abandon("unknown")
    }))
}
