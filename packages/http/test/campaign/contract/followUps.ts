import { assert } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Effect } from "effect"
import type { Fixture, LoadedLease, Test } from "./fixture.js"
import { assertBooked, assertLost, beginning, duration, idsOf, positionsOf, quota, timeout } from "./fixture.js"

const followUpAfter = 50_000

/** Creates the invitations of people, which are then followed up. */
const create = ({ post, store }: Fixture, lease: LoadedLease, ...positions: ReadonlyArray<number>) =>
  Effect.zipRight(
    assertBooked(post(lease, ...positions)),
    store.settle(lease, {
      from: "sending",
      settlements: positions.map((position) => ({ position, state: "Created", invitationId: `inv_${position}` })),
      answered: [],
      followUpAfter
    })
  )

const decide = (
  { store }: Fixture,
  lease: LoadedLease,
  decision: "accepted" | "closed" | "again",
  ...positions: ReadonlyArray<number>
) => store.followUp(lease, { followUps: positions.map((position) => ({ position, decision })), answered: [] })

export const followUps = (test: Test): void => {
  test("people that are created are due once the time is over, in the order of their times", (fixture) =>
    Effect.gen(function*() {
      const { advance, lease, person, store } = fixture
      const held = yield* lease(4)
      yield* create(fixture, held, 2)
      yield* advance(10)
      yield* create(fixture, held, 0, 1)
      const due = (now: number, limit = 10) => Effect.map(store.dueFollowUps(held.load, { now, limit }), positionsOf)
      deepStrictEqual(yield* due(beginning + followUpAfter - 1), [])
      deepStrictEqual(yield* due(beginning + followUpAfter), [2])
      deepStrictEqual(yield* due(beginning + followUpAfter + 10), [2, 0, 1])
      deepStrictEqual(yield* due(beginning + followUpAfter + 10, 2), [2, 0])
      const { followUpAt, followUps, isAccepted, request } = yield* person(held, 2)
      deepStrictEqual([followUpAt, followUps, isAccepted], [beginning + followUpAfter, 0, false])
      assert.isNotNull(request)
      deepStrictEqual(yield* store.remaining(held.load), {
        pending: 1,
        sending: 0,
        checkAt: null,
        followUpAt: beginning + followUpAfter
      })
    }))

  test("other outcomes, and people without a follow-up, are not followed up", (fixture) =>
    Effect.gen(function*() {
      const { lease, post, store } = fixture
      const held = yield* lease(5)
      yield* assertBooked(post(held, 0, 1, 2, 3))
      yield* store.settle(held, { from: "sending", settlements: [{ position: 0, state: "Created" }], answered: [] })
      yield* store.settle(held, {
        from: "sending",
        settlements: [
          { position: 1, state: "AlreadyInvited" },
          { position: 2, state: "Rejected" },
          { position: 3, state: "pending" }
        ],
        answered: [],
        followUpAfter
      })
      deepStrictEqual(yield* store.dueFollowUps(held.load, { now: Number.MAX_SAFE_INTEGER, limit: 10 }), [])
      assert.isNull((yield* store.remaining(held.load)).followUpAt)
    }))

  test("accepted, closed and again", (fixture) =>
    Effect.gen(function*() {
      const { lease, person, store } = fixture
      const held = yield* lease(4)
      yield* create(fixture, held, 0, 1, 2, 3)
      const before = yield* person(held, 0)
      const call = quota("all", 10)
      const calls = yield* assertBooked(fixture.book(held, { quota: call, amount: 3 }))
      yield* store.followUp(held, {
        followUps: [
          { position: 0, decision: "accepted" },
          { position: 1, decision: "closed" },
          { position: 2, decision: "again" }
        ],
        answered: calls
      })
      deepStrictEqual(yield* person(held, 0), { ...before, request: null, followUpAt: null, isAccepted: true })
      const closed = yield* person(held, 1)
      deepStrictEqual([closed.state, closed.request, closed.followUpAt], ["Created", null, null])
      const again = yield* person(held, 2)
      deepStrictEqual(
        [again.state, again.followUps, again.followUpAt, again.invitationId, again.posts, again.firstPostedAt],
        ["pending", 1, null, "inv_2", 0, null]
      )
      assert.isNotNull(again.request)
      deepStrictEqual(yield* store.counts(held.load), { Created: 3, pending: 1, accepted: 1 })
      // The calls are answered now: without an answer they would count for another 10 seconds.
      yield* fixture.advance(call.window * 1.05)
      deepStrictEqual((yield* store.room(call)).free, 10)
    }))

  test("a decision is stored once, and only for people that are due to be followed up", (fixture) =>
    Effect.gen(function*() {
      const { decide: settle, lease, person, post } = fixture
      const held = yield* lease(4)
      yield* create(fixture, held, 0, 1)
      yield* settle(held, "Rejected", 2)
      yield* decide(fixture, held, "again", 0, 0, 2, 3, 99)
      yield* decide(fixture, held, "again", 0)
      deepStrictEqual([(yield* person(held, 0)).followUps, (yield* person(held, 3)).followUps], [1, 0])
      assert.strictEqual((yield* person(held, 2)).state, "Rejected")
      yield* decide(fixture, held, "closed", 0, 2)
      deepStrictEqual([(yield* person(held, 0)).state, (yield* person(held, 2)).state], ["pending", "Rejected"])
      // Of pending people, only those with an invitation may have accepted it.
      yield* decide(fixture, held, "accepted", 0, 3)
      deepStrictEqual([(yield* person(held, 0)).isAccepted, (yield* person(held, 3)).isAccepted], [true, false])
      yield* assertBooked(post(held, 3))
      yield* decide(fixture, held, "accepted", 3)
      assert.strictEqual((yield* person(held, 3)).state, "sending")
    }))

  test("followUp requires the fence and the state running", (fixture) =>
    Effect.gen(function*() {
      const { lease, person, store } = fixture
      const held = yield* lease(1)
      yield* create(fixture, held, 0)
      yield* assertLost(decide(fixture, { ...held, fence: held.fence - 1 }, "again", 0))
      yield* store.transition(held.id, { from: ["running"], to: "cancelled", wake: "never", end: "ends" })
      yield* assertLost(decide(fixture, held, "again", 0))
      assert.strictEqual((yield* person(held, 0)).state, "Created")
    }))

  test("a campaign with people to follow up does not complete", (fixture) =>
    Effect.gen(function*() {
      const { acquire, lease, release, row } = fixture
      const held = yield* lease(1)
      yield* create(fixture, held, 0)
      yield* release(held, { state: "completed" })
      deepStrictEqual([(yield* row()).state, (yield* row()).wakeAt], ["running", beginning])
      const again = yield* acquire()
      yield* decide(fixture, again, "closed", 0)
      yield* release(again, { state: "completed" })
      assert.strictEqual((yield* row()).state, "completed")
    }))

  test("campaigns are due in the order of their turns, which posts move by the time that they last", (fixture) =>
    Effect.gen(function*() {
      const { acquire, advance, release, row, start, store } = fixture
      for (const id of ["a", "b", "c", "d"]) yield* start(2, id)
      const due = Effect.map(store.due({ version: 1, limit: 10 }), idsOf)
      const use = (id: string, lasts: number) =>
        Effect.gen(function*() {
          const held = yield* acquire(id)
          yield* assertBooked(store.book(held, { duration, timeout, bookings: [], lasts }))
          yield* release(held, { wakeAt: beginning })
        })
      yield* use("c", 100)
      yield* use("a", 300)
      yield* use("b", 200)
      deepStrictEqual(yield* due, ["d", "c", "b", "a"])
      yield* use("c", 150)
      deepStrictEqual([(yield* row("c")).turn, yield* due], [beginning + 250, ["d", "b", "c", "a"]])
      // A campaign that has not used its share does not save it up.
      yield* advance(1000)
      yield* use("b", 10)
      deepStrictEqual([(yield* row("b")).turn, yield* due], [beginning + 1010, ["d", "c", "a", "b"]])
    }))

  test("competing returns the campaigns that run and are due, with a lease or without", (fixture) =>
    Effect.gen(function*() {
      const { acquire, begin, release, start, store } = fixture
      for (
        const [id, version] of [["leased", 1], ["due", 1], ["later", 1], ["paused", 1], ["loading", 1], [
          "new",
          3
        ]] as const
      ) {
        yield* store.begin({ id, version, settings: id })
        if (id !== "loading") yield* start(1, id)
      }
      yield* begin("loading")
      yield* acquire("leased")
      yield* release(yield* acquire("later"), { wakeAt: beginning + 1 })
      yield* store.transition("paused", { from: ["running"], to: "paused", wake: "never" })
      deepStrictEqual([...(yield* store.competing({ version: 2, limit: 10 }))].sort(), ["due", "leased"])
      assert.strictEqual((yield* store.competing({ version: 2, limit: 1 })).length, 1)
    }))
}
