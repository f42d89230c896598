import { assert } from "@effect/vitest"
import { assertNone, deepStrictEqual } from "@effect/vitest/utils"
import { Effect, Option } from "effect"
import type { PeopleQuery } from "../../../src/internal/campaign/store/store.js"
import type { Test } from "./fixture.js"
import { assertBooked, beginning, checkAfter, duration, newPerson, positionsOf } from "./fixture.js"

export const people = (test: Test): void => {
  test("candidates are the pending people, fresh ones by position, suspect ones by batch", (fixture) =>
    Effect.gen(function*() {
      const { decide, lease, post, settle, store } = fixture
      const held = yield* lease(12)
      yield* assertBooked(post(held, 1, 3, 4, 5, 7))
      yield* settle(
        held,
        { position: 1, state: "pending", batch: 5 },
        { position: 3, state: "pending", batch: 1 },
        { position: 4, state: "pending", batch: 10 },
        { position: 5, state: "pending", batch: 5 }
      )
      yield* decide(held, "Created", 0)
      yield* decide(held, "Rejected", 9)
      const candidates = (kind: "fresh" | "suspect", limit: number, ...except: ReadonlyArray<number>) =>
        Effect.map(store.candidates(held.load, { kind, limit, except }), positionsOf)
      deepStrictEqual(yield* candidates("fresh", 10), [2, 4, 6, 8, 10, 11])
      deepStrictEqual(yield* candidates("fresh", 3), [2, 4, 6])
      deepStrictEqual(yield* candidates("fresh", 3, 2, 6, 99), [4, 8, 10])
      deepStrictEqual(yield* candidates("suspect", 10), [3, 1, 5])
      deepStrictEqual(yield* candidates("suspect", 2), [3, 1])
      deepStrictEqual(yield* candidates("suspect", 2, 3, 1), [5])
      deepStrictEqual(yield* candidates("fresh", 10, 2, 4, 6, 8, 10, 11), [])
    }))

  test("a batch that becomes smaller while a person is pending moves the person", ({ lease, store }) =>
    Effect.gen(function*() {
      const held = yield* lease(3)
      yield* store.settle(held, {
        from: "pending",
        settlements: [{ position: 1, state: "pending", batch: 2 }],
        answered: []
      })
      const of = (kind: "fresh" | "suspect") =>
        Effect.map(store.candidates(held.load, { kind, limit: 10, except: [] }), positionsOf)
      deepStrictEqual(yield* of("fresh"), [0, 2])
      deepStrictEqual(yield* of("suspect"), [1])
    }))

  test("doubtful people are those whose look-up is due, in its order", ({ advance, lease, post, settle, store }) =>
    Effect.gen(function*() {
      const held = yield* lease(6)
      yield* assertBooked(post(held, 4, 1))
      yield* advance(5)
      yield* assertBooked(post(held, 0, 2, 3))
      yield* settle(held, { position: 3, state: "sending", checkAt: beginning + 1 }, { position: 2, state: "Created" })
      const doubtful = (now: number, limit = 10) => Effect.map(store.doubtful(held.load, { now, limit }), positionsOf)
      deepStrictEqual(yield* doubtful(beginning), [])
      deepStrictEqual(yield* doubtful(beginning + 1), [3])
      deepStrictEqual(yield* doubtful(beginning + checkAfter - 1), [3])
      deepStrictEqual(yield* doubtful(beginning + checkAfter), [3, 1, 4])
      deepStrictEqual(yield* doubtful(beginning + checkAfter + 5), [3, 1, 4, 0])
      deepStrictEqual(yield* doubtful(beginning + checkAfter + 5, 2), [3, 1])
    }))

  test("remaining counts undecided people and returns the next look-up", ({ decide, lease, post, settle, store }) =>
    Effect.gen(function*() {
      const held = yield* lease(5)
      deepStrictEqual(yield* store.remaining(held.load), { pending: 5, sending: 0, checkAt: null, followUpAt: null })
      yield* assertBooked(post(held, 0, 1))
      yield* settle(held, { position: 1, state: "sending", checkAt: beginning + 7 })
      deepStrictEqual(yield* store.remaining(held.load), {
        pending: 3,
        sending: 2,
        checkAt: beginning + 7,
        followUpAt: null
      })
      yield* settle(held, { position: 1, state: "pending", keepDoubt: true })
      yield* decide(held, "Rejected", 2)
      deepStrictEqual(yield* store.remaining(held.load), {
        pending: 3,
        sending: 1,
        checkAt: beginning + checkAfter,
        followUpAt: null
      })
      yield* settle(held, { position: 0, state: "Created" })
      deepStrictEqual(yield* store.remaining(held.load), { pending: 3, sending: 0, checkAt: null, followUpAt: null })
    }))

  test("counts has the states that occur", ({ decide, lease, post, store }) =>
    Effect.gen(function*() {
      const held = yield* lease(6)
      const other = yield* lease(2, "other")
      yield* decide(held, "Created", 0, 1)
      yield* decide(held, "Unknown", 2)
      yield* assertBooked(post(held, 3))
      deepStrictEqual(yield* store.counts(held.load), { Created: 2, Unknown: 1, sending: 1, pending: 2 })
      deepStrictEqual(yield* store.counts(other.load), { pending: 2 })
      deepStrictEqual(yield* store.counts(123_456), {})
    }))

  test("people returns pages in the order of the positions", ({ decide, lease, store }) =>
    Effect.gen(function*() {
      const held = yield* lease(7)
      yield* lease(9, "other")
      yield* decide(held, "Created", 5, 1)
      yield* decide(held, "Rejected", 3)
      const page = (query: Partial<PeopleQuery>) =>
        Effect.map(store.people(held.load, { after: -1, limit: 10, ...query }), positionsOf)
      deepStrictEqual(yield* page({}), [0, 1, 2, 3, 4, 5, 6])
      deepStrictEqual(yield* page({ limit: 2 }), [0, 1])
      deepStrictEqual(yield* page({ after: 1, limit: 3 }), [2, 3, 4])
      deepStrictEqual(yield* page({ after: 6 }), [])
      deepStrictEqual(yield* page({ states: ["Created", "Rejected"] }), [1, 3, 5])
      deepStrictEqual(yield* page({ states: ["Created", "Rejected"], after: 1, limit: 1 }), [3])
      deepStrictEqual(yield* page({ states: ["Created", "Rejected"], limit: 2 }), [1, 3])
      deepStrictEqual(yield* page({ states: [] }), [])
    }))

  test("person finds an address, and never a repeated one", ({ begin, start, store }) =>
    Effect.gen(function*() {
      yield* start(3, "other")
      const load = yield* begin()
      yield* store.addPeople(load, [newPerson(0, "bob"), newPerson(1, "ann"), newPerson(2, "ann")], duration)
      const found = yield* Effect.flatten(store.person(load, "ann@example.com"))
      assert.strictEqual(found.position, 1)
      assert.strictEqual(found.emailAddress, "ann@Example.com")
      deepStrictEqual(
        Option.some(found),
        Option.fromNullable((yield* store.people(load, { after: 0, limit: 1 }))[0])
      )
      assertNone(yield* store.person(load, "person0@example.com"))
      assertNone(yield* store.person(load, "ann@Example.com"))
      assertNone(yield* store.person(123_456, "ann@example.com"))
    }))
}
