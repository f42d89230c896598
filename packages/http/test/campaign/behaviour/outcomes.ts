import { Fault } from "@effect-clerk/http"
import { assert } from "@effect/vitest"
import { assertNone, deepStrictEqual } from "@effect/vitest/utils"
import { Effect, Option, TestClock } from "effect"
import { makeRequests } from "../../conformance/fixtures.js"
import { refusedConnection, shortOf } from "./attempts.js"
import type { Test } from "./fixture.js"
import { address, oneEach } from "./fixture.js"

const id = "campaign"

const { Body, Reset, Status } = Fault.Response

const seconds = (count: number): number => count * 1000

/** Seeds of other clients. */
const seeds = (...numbers: ReadonlyArray<number>) => numbers.map((n) => ({ emailAddress: address(n) }))

export const outcomes = (test: Test): void => {
  test("everybody is created once, by one bulk call and singles", ({ calls, complete, emails, start, states }) =>
    Effect.gen(function*() {
      yield* start(15)
      const { done, endedAt, problem, state } = yield* complete()
      deepStrictEqual([state, done], ["completed", 15])
      assert.isTrue(Option.isSome(endedAt))
      assertNone(problem)
      deepStrictEqual(yield* states(), Array.from({ length: 15 }, () => "Created"))
      deepStrictEqual(yield* emails, oneEach(15))
      deepStrictEqual(yield* calls, { list: 15, createBulk: 1, create: 5 })
    }))

  test("without look-ups and singles, only bulk calls are made", ({ calls, complete, emails, start }) =>
    Effect.gen(function*() {
      yield* start(15, { checkExisting: false, useSingleCreates: false })
      assert.strictEqual((yield* complete()).counts.Created, 15)
      deepStrictEqual(yield* emails, oneEach(15))
      deepStrictEqual(yield* calls, { createBulk: 2 })
    }))

  test("a person has the id of the invitation and the time of the outcome", ({ campaigns, complete, control, start }) =>
    Effect.gen(function*() {
      yield* start([{ emailAddress: "Ada@Example.com" }])
      yield* TestClock.adjust("1 minute")
      yield* complete()
      const [invitation] = yield* control.invitations
      const person = yield* Effect.flatten(campaigns.person(id, "ADA@example.com"))
      deepStrictEqual(person.invitationId, Option.fromNullable(invitation?.id))
      deepStrictEqual([person.position, person.emailAddress, person.state], [0, "Ada@Example.com", "Created"])
      assert.strictEqual(Option.getOrThrow(person.decidedAt).epochMillis, 60_000)
      assertNone(yield* campaigns.person(id, "grace@example.com"))
    }))

  for (const onExisting of ["report", "reuse"] as const) {
    test(`${onExisting}: a pending invitation that is listed is AlreadyInvited`, (fixture) =>
      Effect.gen(function*() {
        const { calls, campaigns, complete, control, emails, start, states } = fixture
        const [seed] = yield* control.seed(seeds(2))
        yield* start(3, { onExisting })
        yield* complete()
        deepStrictEqual(yield* states(), ["Created", "AlreadyInvited", "Created"])
        const person = yield* Effect.flatten(campaigns.person(id, address(2)))
        deepStrictEqual(person.invitationId, Option.fromNullable(seed?.id))
        deepStrictEqual(yield* emails, { [address(1)]: 1, [address(3)]: 1 })
        assert.strictEqual((yield* calls).list, 3)
      }))
  }

  for (const checkExisting of [true, false]) {
    test(`resend revokes and creates once, ${checkExisting ? "with" : "without"} a look-up before`, (fixture) =>
      Effect.gen(function*() {
        const { calls, complete, control, emails, start, states } = fixture
        yield* control.seed(seeds(2))
        yield* TestClock.adjust("5 minutes")
        yield* start(3, { onExisting: "resend", checkExisting })
        yield* complete()
        deepStrictEqual(yield* states(), ["Created", "Created", "Created"])
        deepStrictEqual(yield* emails, oneEach(3))
        assert.strictEqual((yield* calls).revoke, 1)
        const invitations = yield* control.invitations
        deepStrictEqual(
          invitations.filter(({ emailAddress }) => emailAddress === address(2)).map(({ status }) => status),
          ["revoked", "pending"]
        )
      }))
  }

  for (const onExisting of ["report", "reuse"] as const) {
    test(`${onExisting}: a duplicate that Clerk refuses is AlreadyInvited`, (fixture) =>
      Effect.gen(function*() {
        const { campaigns, complete, control, emails, start, states } = fixture
        const [seed] = yield* control.seed(seeds(2))
        yield* TestClock.adjust("5 minutes")
        yield* start(12, { onExisting, checkExisting: false })
        yield* complete()
        const expected = Array.from({ length: 12 }, (_, index) => index === 1 ? "AlreadyInvited" : "Created")
        deepStrictEqual(yield* states(), expected)
        const person = yield* Effect.flatten(campaigns.person(id, address(2)))
        deepStrictEqual(person.invitationId, onExisting === "reuse" ? Option.fromNullable(seed?.id) : Option.none())
        assert.strictEqual(Object.keys(yield* emails).length, 11)
      }))
  }

  for (const useSingleCreates of [true, false]) {
    test(`a user costs nobody else of a bulk call, ${useSingleCreates ? "with" : "without"} singles`, (fixture) =>
      Effect.gen(function*() {
        const { calls, complete, control, emails, start, states } = fixture
        yield* control.addUser(address(4))
        yield* start(10, { useSingleCreates })
        yield* complete()
        deepStrictEqual(
          yield* states(),
          Array.from({ length: 10 }, (_, index) => index === 3 ? "UserExists" : "Created")
        )
        assert.strictEqual((yield* emails)[address(4)], undefined)
        assert.strictEqual(Object.keys(yield* emails).length, 9)
        if (!useSingleCreates) assert.strictEqual((yield* calls).create, undefined)
      }))

    test(`one person that Clerk refuses costs nobody else, ${useSingleCreates ? "with" : "without"} singles`, (fixture) =>
      Effect.gen(function*() {
        const { campaigns, complete, control, emails, start, states } = fixture
        yield* control.setBlocklist([address(5)])
        yield* start(10, { useSingleCreates })
        yield* complete()
        deepStrictEqual(
          yield* states(),
          Array.from({ length: 10 }, (_, index) => index === 4 ? "Rejected" : "Created")
        )
        assert.strictEqual(Object.keys(yield* emails).length, 9)
        const { problem } = yield* Effect.flatten(campaigns.person(id, address(5)))
        assert.strictEqual(Option.getOrThrow(problem).tag, "Forbidden")
        assert.notInclude(Option.getOrThrow(problem).message, address(5))
      }))
  }

  test("not_allowed_access that names addresses costs one bulk call more", ({ calls, complete, control, start }) =>
    Effect.gen(function*() {
      yield* control.setBlocklist([address(2), address(7)])
      yield* start(10, { checkExisting: false, useSingleCreates: false })
      const { counts } = yield* complete()
      deepStrictEqual([counts.Created, counts.Rejected], [8, 2])
      assert.isAtMost((yield* calls).createBulk ?? 0, 3)
    }))

  test("an address that occurs again is Repeated, whatever its case", ({ calls, complete, emails, start, states }) =>
    Effect.gen(function*() {
      yield* start([...makeRequests(2), { emailAddress: address(1).toUpperCase() }, ...makeRequests(1)])
      const { done } = yield* complete()
      deepStrictEqual(yield* states(), ["Created", "Created", "Repeated", "Repeated"])
      assert.strictEqual(done, 4)
      deepStrictEqual(yield* emails, oneEach(2))
      assert.strictEqual((yield* calls).list, 2)
    }))

  test("429 closes the quota for Retry-After, and nobody is lost", ({ calls, campaigns, complete, control, emails, start }) =>
    Effect.gen(function*() {
      yield* control.failNext(Status({ status: 429, code: "too_many_requests", retryAfter: "600" }), {
        operation: "createBulk"
      })
      yield* start(10, { useSingleCreates: false })
      yield* campaigns.runDue
      deepStrictEqual((yield* campaigns.get(id)).counts.pending, 10)
      for (let minute = 0; minute < 9; minute++) {
        yield* TestClock.adjust("1 minute")
        yield* campaigns.runDue
      }
      assert.strictEqual((yield* calls).createBulk, 1)
      yield* complete()
      deepStrictEqual(yield* emails, oneEach(10))
      deepStrictEqual(yield* calls, { list: 20, createBulk: 2 })
    }))

  test("a campaign started meanwhile does not use the closed quota", ({ calls, campaigns, control, start }) =>
    Effect.gen(function*() {
      yield* control.failNext(Status({ status: 429, code: "too_many_requests", retryAfter: "60" }), {
        operation: "createBulk"
      })
      yield* start(10, { useSingleCreates: false })
      yield* campaigns.runDue
      yield* campaigns.start({ id: "other", people: makeRequests(10, 11), useSingleCreates: false })
      yield* campaigns.runDue
      assert.strictEqual((yield* calls).createBulk, 1)
      yield* TestClock.adjust("61 seconds")
      yield* campaigns.runDue
      assert.strictEqual((yield* calls).createBulk, 3)
    }))

  test("429 for a look-up sends nothing before Retry-After", ({ calls, campaigns, complete, control, emails, start }) =>
    Effect.gen(function*() {
      yield* control.failNext(Status({ status: 429, code: "too_many_requests", retryAfter: "60" }), {
        operation: "list"
      })
      yield* start(1)
      yield* campaigns.runDue
      const before = yield* calls
      yield* TestClock.adjust("59 seconds")
      yield* campaigns.runDue
      deepStrictEqual(yield* calls, before)
      yield* complete()
      deepStrictEqual(yield* emails, oneEach(1))
    }))

  for (
    const [name, response, commit] of [
      ["409 resource_locked", Status({ status: 409, code: "resource_locked" }), "never"],
      ["500 with a commit", Status({ status: 500 }), "before"],
      ["500 without a commit", Status({ status: 500 }), "never"],
      ["an unreadable 2xx with a commit", Body({ body: "<html>" }), "before"],
      ["an unreadable 2xx without a commit", Body({ body: "{}" }), "never"],
      ["a lost connection with a commit", Reset(), "before"],
      ["a lost connection without a commit", Reset(), "never"],
      ["a lost connection with a late commit", Reset(), Option.none()]
    ] as const
  ) {
    test(`${name}: everybody gets one e-mail`, ({ complete, control, counts, emails, start }) =>
      Effect.gen(function*() {
        yield* control.injectFaults((["create", "createBulk"] as const).map((operation) => ({
          response,
          commit: typeof commit === "string" ? commit : shortOf(seconds(20)),
          operation,
          times: 2
        })))
        yield* start(25)
        yield* complete()
        deepStrictEqual(yield* counts(), { Created: 25 })
        deepStrictEqual(yield* emails, oneEach(25))
      }))
  }

  test("connections that are refused before sending are retried with backoff", ({ attempts, complete, emails, process, start }) =>
    Effect.gen(function*() {
      const { failing, times } = yield* refusedConnection(attempts, 8)
      yield* start(12, { useSingleCreates: false })
      const campaigns = yield* process({ attempts: failing })
      yield* campaigns.runDue
      const { problem } = yield* campaigns.get(id)
      assert.strictEqual(Option.getOrThrow(problem).tag, "ConnectionError")
      const { problem: after } = yield* complete({ attempts: failing })
      assertNone(after)
      deepStrictEqual(yield* emails, oneEach(12))
      const at = yield* times
      assert.isAtLeast((at.at(-1) ?? 0) - (at[0] ?? 0), seconds(7))
    }))

  test("people whose posts were refused before sending are never Unknown", ({ attempts, complete, control, counts, emails, start }) =>
    Effect.gen(function*() {
      const { failing } = yield* refusedConnection(attempts, 12)
      yield* start(1)
      yield* control.failNext(Reset(), { operation: "createBulk" })
      yield* control.failNext(Reset(), { operation: "create" })
      yield* complete({ attempts: failing })
      deepStrictEqual(yield* counts(), { Created: 1 })
      deepStrictEqual(yield* emails, oneEach(1))
    }))
}
