import { assert } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Effect } from "effect"
import type { PersonState } from "../../../src/internal/campaign/model/row.js"
import type { Test } from "./fixture.js"
import { assertBooked, assertLost, beginning, duration, quota } from "./fixture.js"

const decided: ReadonlyArray<{ readonly state: PersonState; readonly keepsRequest: boolean }> = [
  { state: "Created", keepsRequest: false },
  { state: "AlreadyInvited", keepsRequest: false },
  { state: "UserExists", keepsRequest: false },
  { state: "Rejected", keepsRequest: true },
  { state: "Unknown", keepsRequest: true }
]

export const settle = (test: Test): void => {
  for (const { keepsRequest, state } of decided) {
    test(`settle stores the outcome ${state}, ${keepsRequest ? "with" : "without"} the request`, (fixture) =>
      Effect.gen(function*() {
        const { advance, lease, person, post, settle, store } = fixture
        const held = yield* lease(1)
        yield* assertBooked(post(held, 0))
        const before = yield* person(held, 0)
        yield* advance(5)
        const invitationId = keepsRequest ? undefined : "inv_9"
        const problem = keepsRequest ? "{\"status\":422}" : undefined
        yield* settle(held, { position: 0, state, invitationId, problem })
        deepStrictEqual(yield* person(held, 0), {
          ...before,
          state,
          request: keepsRequest ? before.request : null,
          firstPostedAt: state === "Unknown" ? beginning : null,
          checkAt: null,
          invitationId: invitationId ?? null,
          problem: problem ?? null,
          decidedAt: beginning + 5
        })
        deepStrictEqual(yield* store.counts(held.load), { [state]: 1 })
      }))

    test(`the outcome ${state} is final`, ({ advance, decide, lease, person, settle }) =>
      Effect.gen(function*() {
        const held = yield* lease(1)
        yield* decide(held, state, 0)
        const before = yield* person(held, 0)
        yield* advance(5)
        for (const other of ["Created", "Rejected", "pending", "sending"] as const) {
          yield* settle(held, { position: 0, state: other, problem: "other", checkAt: beginning })
        }
        deepStrictEqual(yield* person(held, 0), before)
      }))
  }

  test("settle changes people in the state `from` only", ({ lease, person, post, store }) =>
    Effect.gen(function*() {
      const held = yield* lease(3)
      yield* assertBooked(post(held, 1))
      const settlements = [0, 1, 2, 99].map((position) => ({ position, state: "AlreadyInvited" as const }))
      yield* store.settle(held, { from: "sending", settlements, answered: [] })
      deepStrictEqual(yield* store.counts(held.load), { pending: 2, AlreadyInvited: 1 })
      yield* assertBooked(post(held, 0))
      yield* store.settle(held, { from: "pending", settlements, answered: [] })
      deepStrictEqual(yield* store.counts(held.load), { sending: 1, AlreadyInvited: 2 })
      assert.strictEqual((yield* person(held, 2)).request, null)
      assert.strictEqual((yield* person(held, 2)).decidedAt, beginning)
    }))

  test("settle stores different outcomes at once", ({ lease, post, settle, store }) =>
    Effect.gen(function*() {
      const held = yield* lease(10)
      const positions = Array.from({ length: 10 }, (_, position) => position)
      yield* assertBooked(post(held, ...positions))
      yield* settle(
        held,
        ...positions.map((position) => ({
          position,
          state: position < 4 ? "Created" as const : position < 7 ? "Rejected" as const : "pending" as const,
          invitationId: position < 4 ? `inv_${position}` : undefined,
          problem: position < 7 ? `problem ${position}` : undefined,
          batch: position
        }))
      )
      const people = yield* store.people(held.load, { after: -1, limit: 10 })
      deepStrictEqual(
        people.map(({ batch, invitationId, problem, state }) => [state, invitationId, problem, batch]),
        positions.map((position) =>
          position < 4
            ? ["Created", `inv_${position}`, `problem ${position}`, 10]
            : position < 7
            ? ["Rejected", null, `problem ${position}`, 10]
            : ["pending", null, null, position]
        )
      )
    }))

  test("settle returns a person that is certainly not created to the pending ones", ({ lease, person, post, settle }) =>
    Effect.gen(function*() {
      const held = yield* lease(2)
      yield* assertBooked(post(held, 0, 1))
      const before = yield* person(held, 0)
      yield* settle(held, { position: 0, state: "pending", batch: 5 }, { position: 1, state: "pending" })
      deepStrictEqual(yield* person(held, 0), {
        ...before,
        state: "pending",
        posts: 0,
        batch: 5,
        firstPostedAt: null,
        checkAt: null
      })
      assert.strictEqual((yield* person(held, 1)).batch, 10)
    }))

  test("with keepDoubt the time of the first post stays", ({ advance, lease, person, post, settle }) =>
    Effect.gen(function*() {
      const held = yield* lease(1)
      yield* assertBooked(post(held, 0))
      yield* advance(5)
      yield* settle(held, { position: 0, state: "pending", batch: 1, keepDoubt: true })
      const pending = yield* person(held, 0)
      assert.strictEqual(pending.state, "pending")
      assert.strictEqual(pending.firstPostedAt, beginning)
      assert.strictEqual(pending.batch, 1)
    }))

  test("settle postpones the look-up of a person whose outcome is unknown", (fixture) =>
    Effect.gen(function*() {
      const { lease, person, post, settle } = fixture
      const held = yield* lease(1)
      yield* assertBooked(post(held, 0))
      const before = yield* person(held, 0)
      yield* settle(held, { position: 0, state: "sending", checkAt: beginning + 99 })
      deepStrictEqual(yield* person(held, 0), { ...before, checkAt: beginning + 99 })
      yield* settle(held, { position: 0, state: "sending" })
      deepStrictEqual(yield* person(held, 0), { ...before, checkAt: beginning + 99 })
    }))

  test("settle fails once another process has the lease, and changes nothing", (fixture) =>
    Effect.gen(function*() {
      const { acquire, advance, book, lease, person, post, row, store } = fixture
      const calls = quota("calls", 1)
      const old = yield* lease(1)
      const answered = yield* assertBooked(book(old, { quota: calls, amount: 1 }))
      yield* assertBooked(post(old, 0))
      yield* advance(duration)
      yield* acquire()
      const before = { person: yield* person(old, 0), row: yield* row(), room: yield* store.room(calls) }
      yield* assertLost(store.settle(old, {
        from: "sending",
        settlements: [{ position: 0, state: "Created" }],
        answered,
        suspicion: "{}"
      }))
      const after = { person: yield* person(old, 0), row: yield* row(), room: yield* store.room(calls) }
      deepStrictEqual(after, before)
    }))

  for (const state of ["paused", "cancelled"] as const) {
    test(`settle stores outcomes of a campaign that is ${state}`, ({ lease, person, post, settle, store }) =>
      Effect.gen(function*() {
        const held = yield* lease(1)
        yield* assertBooked(post(held, 0))
        yield* store.transition("campaign", { from: ["running"], to: state, wake: "now" })
        yield* settle(held, { position: 0, state: "Created" })
        assert.strictEqual((yield* person(held, 0)).state, "Created")
      }))
  }

  test("settle stores outcomes after the lease has ended, unless another process has it", (fixture) =>
    Effect.gen(function*() {
      const { advance, lease, person, post, release, settle } = fixture
      const held = yield* lease(2)
      yield* assertBooked(post(held, 0, 1))
      yield* advance(duration)
      yield* settle(held, { position: 0, state: "Created" })
      assert.strictEqual((yield* person(held, 0)).state, "Created")
      yield* release(held, { wakeAt: beginning })
      yield* settle(held, { position: 1, state: "Created" })
      assert.strictEqual((yield* person(held, 1)).state, "Created")
    }))

  test("settle answers calls together with the outcomes", ({ book, lease, store }) =>
    Effect.gen(function*() {
      const held = yield* lease(1)
      const [one, two] = [quota("one", 1, 1000), quota("two", 1, 5000)]
      const booked = yield* assertBooked(book(held, { quota: one, amount: 1 }, { quota: two, amount: 1 }))
      const before = [yield* store.room(one), yield* store.room(two)]
      yield* store.settle(held, { from: "sending", settlements: [], answered: booked })
      const after = [yield* store.room(one), yield* store.room(two)]
      // Each call is free earlier by the whole timeout.
      deepStrictEqual(
        after.map(({ until }, index) => (before[index]?.until ?? 0) - until),
        [10_000, 10_000]
      )
      yield* store.settle(held, { from: "sending", settlements: [], answered: [123_456] })
    }))

  test("settle replaces the suspicion only if one is given", ({ lease, row, settle, store }) =>
    Effect.gen(function*() {
      const held = yield* lease(1)
      const suspect = (suspicion: string | null) =>
        store.settle(held, { from: "sending", settlements: [], answered: [], suspicion })
      const before = yield* row()
      yield* suspect("{\"refusals\":1}")
      deepStrictEqual(yield* row(), { ...before, suspicion: "{\"refusals\":1}" })
      yield* settle(held)
      assert.strictEqual((yield* row()).suspicion, "{\"refusals\":1}")
      yield* suspect(null)
      deepStrictEqual(yield* row(), before)
    }))
}
