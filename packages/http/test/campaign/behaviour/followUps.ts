import { InvalidRequest } from "@effect-clerk/core/InvitationError"
import { Fault } from "@effect-clerk/http"
import { assert } from "@effect/vitest"
import { assertNone, deepStrictEqual } from "@effect/vitest/utils"
import { Chunk, Clock, Duration, Effect, Option, Stream, TestClock } from "effect"
import { makeRequests } from "../../conformance/fixtures.js"
import type { Fixture, Test } from "./fixture.js"
import { address, drive, oneEach, runFor } from "./fixture.js"

const id = "campaign"

const followUp = { after: "7 days", times: 2 } as const

const day = Duration.toMillis("1 day")

/** Calls `runDue` whenever it is due, for a number of days. */
const runDays = ({ campaigns, now }: Fixture, days: number) => runFor(campaigns, now, days * day)

const idOf = ({ campaigns }: Fixture, n: number) =>
  Effect.flatMap(Effect.flatten(campaigns.person(id, address(n))), ({ invitationId }) => invitationId)

/** The invitations of an address, oldest first. */
const statuses = ({ control }: Fixture, n: number) =>
  Effect.map(
    control.invitations,
    (invitations) => invitations.flatMap(({ emailAddress, status }) => emailAddress === address(n) ? [status] : [])
  )

export const followUps = (test: Test): void => {
  test("people that have not accepted are invited again, and who has accepted is counted and left alone", (fixture) =>
    Effect.gen(function*() {
      const { campaigns, control, counts, emails, start } = fixture
      yield* start(4, { followUp })
      yield* runDays(fixture, 1)
      deepStrictEqual(yield* counts(), { Created: 4 })
      const { accepted, estimatedEnd, nextSliceAt, remaining, state } = yield* campaigns.get(id)
      deepStrictEqual([state, remaining, accepted], ["running", 0, 0])
      assertNone(estimatedEnd)
      assert.isAbove(Option.getOrThrow(nextSliceAt).epochMillis, (yield* Clock.currentTimeMillis) + 5 * day)
      yield* control.accept(yield* idOf(fixture, 1))
      yield* control.expire(yield* idOf(fixture, 3))
      yield* runDays(fixture, 7)
      deepStrictEqual(yield* emails, { ...oneEach(4), [address(2)]: 2, [address(3)]: 2, [address(4)]: 2 })
      deepStrictEqual(yield* statuses(fixture, 2), ["revoked", "pending"])
      deepStrictEqual(yield* statuses(fixture, 3), ["expired", "pending"])
      assert.strictEqual((yield* campaigns.get(id)).accepted, 1)
      yield* control.accept(yield* idOf(fixture, 2))
      yield* runDays(fixture, 7)
      deepStrictEqual(yield* emails, { ...oneEach(4), [address(2)]: 2, [address(3)]: 3, [address(4)]: 3 })
      yield* control.accept(yield* idOf(fixture, 3))
      assert.strictEqual((yield* campaigns.get(id)).state, "running")
      yield* runDays(fixture, 7)
      const ended = yield* campaigns.get(id)
      deepStrictEqual([ended.state, ended.counts.Created, ended.accepted], ["completed", 4, 3])
      deepStrictEqual(yield* emails, { ...oneEach(4), [address(2)]: 2, [address(3)]: 3, [address(4)]: 3 })
      const people = Chunk.toReadonlyArray(yield* Stream.runCollect(campaigns.people(id)))
      deepStrictEqual(people.map(({ followUps, isAccepted }) => [followUps, isAccepted]), [
        [0, true],
        [1, true],
        [2, true],
        [2, false]
      ])
    }))

  test("a person whose invitation another client has revoked or deleted is left alone", (fixture) =>
    Effect.gen(function*() {
      const { complete, control, emails, start } = fixture
      yield* start(3, { followUp })
      yield* runDays(fixture, 1)
      yield* control.revoke(yield* idOf(fixture, 1))
      yield* control.delete(yield* idOf(fixture, 2))
      assert.strictEqual((yield* complete()).state, "completed")
      deepStrictEqual(yield* emails, { ...oneEach(3), [address(3)]: 3 })
    }))

  test("a person that accepts while the follow-up is on its way is not invited again", (fixture) =>
    Effect.gen(function*() {
      const { attempts, campaigns, control, emails, now, process, start } = fixture
      yield* start(1, { followUp: { after: "7 days" } })
      yield* runDays(fixture, 1)
      const invitation = yield* idOf(fixture, 1)
      const other = yield* process({
        attempts: {
          ...attempts,
          revoke: (id) => Effect.zipRight(Effect.orDie(control.accept(invitation)), attempts.revoke(id))
        }
      })
      yield* drive(other, now, id)
      const { accepted, counts: { Created }, state } = yield* campaigns.get(id)
      deepStrictEqual([state, Created, accepted], ["completed", 1, 1])
      deepStrictEqual(yield* emails, oneEach(1))
    }))

  test("people who were invited by another client, were rejected or are users are not followed up", (fixture) =>
    Effect.gen(function*() {
      const { complete, control, emails, start } = fixture
      yield* control.seed([{ emailAddress: address(1) }])
      yield* control.addUser(address(2))
      yield* control.setBlocklist([address(3)])
      const before = yield* emails
      yield* start(3, { followUp })
      assert.strictEqual((yield* complete()).accepted, 0)
      deepStrictEqual(yield* emails, before)
    }))

  for (const operation of ["revoke", "create", "createBulk"] as const) {
    for (const commit of ["before", "never"] as const) {
      test(`a follow-up survives a lost response to ${operation}${commit === "before" ? " that was committed" : ""}`, (fixture) =>
        Effect.gen(function*() {
          const { complete, control, counts, emails, start } = fixture
          yield* start(12, { followUp: { after: "7 days" } })
          yield* runDays(fixture, 1)
          yield* control.failNext(Fault.Response.Reset(), { operation, commit })
          assert.strictEqual((yield* complete()).state, "completed")
          deepStrictEqual(yield* counts(), { Created: 12 })
          deepStrictEqual(yield* emails, Object.fromEntries(Object.keys(oneEach(12)).map((to) => [to, 2])))
        }))
    }
  }

  for (const operation of ["followUp", "dueFollowUps", "book", "settle"] as const) {
    test(`another process continues the follow-ups of one that dies after ${operation} of the store`, (fixture) =>
      Effect.gen(function*() {
        const { complete, counts, emails, process, start, store } = fixture
        yield* start(3, { followUp: { after: "7 days" } })
        yield* runDays(fixture, 6)
        const die = <A, E>(call: Effect.Effect<A, E>): Effect.Effect<A, E> =>
          Effect.zipRight(call, Effect.die("killed"))
        const dying = yield* process({
          store: {
            ...store,
            // A dead process does not end its lease.
            release: () => Effect.void,
            ...(operation === "followUp" ? { followUp: (lease, work) => die(store.followUp(lease, work)) } : {}),
            ...(operation === "dueFollowUps"
              ? { dueFollowUps: (load, query) => die(store.dueFollowUps(load, query)) }
              : {}),
            ...(operation === "book" ? { book: (lease, work) => die(store.book(lease, work)) } : {}),
            ...(operation === "settle" ? { settle: (lease, work) => die(store.settle(lease, work)) } : {})
          }
        })
        yield* TestClock.adjust("2 days")
        yield* Effect.exit(dying.runDue)
        assert.strictEqual((yield* complete()).state, "completed")
        deepStrictEqual(yield* counts(), { Created: 3 })
        deepStrictEqual(yield* emails, { [address(1)]: 2, [address(2)]: 2, [address(3)]: 2 })
      }))
  }

  test("a person that may be invited twice has one open invitation after a follow-up", (fixture) =>
    Effect.gen(function*() {
      const { complete, emails, start } = fixture
      yield* start([{ emailAddress: address(1), ignoreExisting: true }], {
        allowDuplicates: true,
        followUp: { after: "7 days" }
      })
      yield* complete()
      deepStrictEqual(yield* emails, { [address(1)]: 2 })
      deepStrictEqual(yield* statuses(fixture, 1), ["revoked", "pending"])
    }))

  test("without checkExisting, the invitation is still revoked before the next", (fixture) =>
    Effect.gen(function*() {
      const { complete, emails, start } = fixture
      yield* start(2, { checkExisting: false, followUp: { after: "7 days" } })
      yield* complete()
      deepStrictEqual(yield* emails, { [address(1)]: 2, [address(2)]: 2 })
      deepStrictEqual(yield* statuses(fixture, 1), ["revoked", "pending"])
    }))

  test("pause holds the follow-ups back, and cancel ends them", (fixture) =>
    Effect.gen(function*() {
      const { campaigns, counts, emails, start } = fixture
      yield* start(3, { followUp })
      yield* runDays(fixture, 1)
      yield* campaigns.pause(id)
      yield* runDays(fixture, 10)
      deepStrictEqual(yield* emails, oneEach(3))
      yield* campaigns.resume(id)
      yield* runDays(fixture, 1)
      deepStrictEqual(yield* emails, { [address(1)]: 2, [address(2)]: 2, [address(3)]: 2 })
      yield* campaigns.cancel(id)
      yield* runDays(fixture, 20)
      deepStrictEqual(yield* counts(), { Created: 3 })
      deepStrictEqual(yield* emails, { [address(1)]: 2, [address(2)]: 2, [address(3)]: 2 })
    }))

  test("the requests are dropped once no follow-up needs them", (fixture) =>
    Effect.gen(function*() {
      const { complete, control, start, store } = fixture
      yield* start(3, { followUp })
      const requests = Effect.flatMap(Effect.flatten(store.get(id)), ({ load }) =>
        Effect.map(store.people(load ?? -1, { after: -1, limit: 10 }), (people) =>
          people.filter(({ request }) =>
            request !== null
          ).length))
      yield* runDays(fixture, 1)
      assert.strictEqual(yield* requests, 3)
      yield* control.accept(yield* idOf(fixture, 1))
      yield* runDays(fixture, 7)
      assert.strictEqual(yield* requests, 2)
      yield* complete()
      assert.strictEqual(yield* requests, 0)
    }))

  test("the acceptances are kept after the retention", (fixture) =>
    Effect.gen(function*() {
      const { campaigns, complete, control, start } = fixture
      yield* start(3, { followUp: { after: "1 day" }, retention: "2 days" })
      yield* runDays(fixture, 0.5)
      yield* control.accept(yield* idOf(fixture, 1))
      yield* complete()
      yield* runDays(fixture, 3)
      const { accepted, counts } = yield* campaigns.get(id)
      deepStrictEqual([accepted, counts.Created], [1, 3])
      deepStrictEqual(Chunk.toReadonlyArray(yield* Stream.runCollect(campaigns.people(id))), [])
    }))

  test("a version without follow-ups leaves the campaign alone", ({ start, store }) =>
    Effect.gen(function*() {
      yield* start(1, { followUp })
      yield* start(1, { id: "other" })
      const due = yield* store.due({ version: 1, limit: 10 })
      deepStrictEqual(due.map(({ id }) => id), ["other"])
    }))

  const invalid = [
    ["a follow-up after the retention", { followUp, retention: "14 days" }, "retention"],
    ["no time", { followUp: { after: 0 } }, "followUp.after"],
    ["an endless time", { followUp: { after: Duration.infinity } }, "followUp.after"],
    ["no follow-up", { followUp: { after: "1 day", times: 0 } }, "followUp.times"],
    ["half a follow-up", { followUp: { after: "1 day", times: 1.5 } }, "followUp.times"],
    ["too many follow-ups", { followUp: { after: "1 hour", times: 101 } }, "followUp.times"],
    ["a tenant without a name", { tenant: "" }, "tenant"]
  ] as const
  for (const [title, options, path] of invalid) {
    test(`${title} is an InvalidRequest of ${path}, and nothing is stored`, ({ campaigns, store }) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(campaigns.start({ id, people: makeRequests(1), ...options }))
        assert.instanceOf(error, InvalidRequest)
        deepStrictEqual(error.issues.map(({ path }) => path), [path])
        deepStrictEqual(yield* store.list({ limit: 10 }), [])
      }))
  }
}
