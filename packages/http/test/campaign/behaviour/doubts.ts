import { Fault } from "@effect-clerk/http"
import { assert } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Effect, Option, TestClock } from "effect"
import { makeRequests } from "../../conformance/fixtures.js"
import { beforeCreates, shortOf } from "./attempts.js"
import type { Fixture, Setup, Test } from "./fixture.js"
import { address, oneEach } from "./fixture.js"

const id = "campaign"

const { Reset } = Fault.Response

const minutes = (count: number): number => count * 60_000

/** Makes the first bulk call and the first five singles lose the connection. */
const loseCreates = ({ control }: Fixture, commit: Fault.Commit) =>
  control.injectFaults([
    { response: Reset(), commit, operation: "createBulk" },
    { response: Reset(), commit, operation: "create", times: 5 }
  ])

const ignoring = (count: number) => makeRequests(count).map((person) => ({ ...person, ignoreExisting: true }))

/** Posts without an answer, and lets something happen to the invitations before they are looked up. */
const postThen = (fixture: Fixture, happen: (ids: ReadonlyArray<string>) => Effect.Effect<unknown, unknown>) =>
  Effect.gen(function*() {
    yield* loseCreates(fixture, "before")
    yield* fixture.start(3, { checkExisting: false })
    yield* fixture.campaigns.runDue
    assert.strictEqual((yield* fixture.campaigns.get(id)).counts.sending, 3)
    yield* happen((yield* fixture.control.invitations).map(({ id }) => id))
    yield* fixture.complete()
  })

export const doubts = (test: Test): void => {
  for (
    const [name, commit] of [
      ["never", "never"],
      ["at once", "before"],
      ["after 20 seconds", shortOf(20_000)]
    ] as const
  ) {
    test(`people who refuse duplicates are posted again if the first post is committed ${name}`, (fixture) =>
      Effect.gen(function*() {
        yield* loseCreates(fixture, commit)
        yield* fixture.start(15)
        yield* fixture.complete()
        deepStrictEqual(yield* fixture.counts(), { Created: 15 })
        deepStrictEqual(yield* fixture.emails, oneEach(15))
      }))

    test(`people with ignoreExisting are never posted again if the first post is committed ${name}`, (fixture) =>
      Effect.gen(function*() {
        yield* loseCreates(fixture, commit)
        yield* fixture.start(ignoring(15), { allowDuplicates: true })
        yield* fixture.complete()
        deepStrictEqual(yield* fixture.counts(), commit === "never" ? { Unknown: 15 } : { Created: 15 })
        deepStrictEqual(yield* fixture.emails, commit === "never" ? {} : oneEach(15))
        const { create = 0, createBulk = 0 } = yield* fixture.calls
        // Either endpoint may take its people first, at most ten.
        assert.isTrue(createBulk === 1 && (create === 5 || create === 10))
      }))
  }

  test("a stale list: people with ignoreExisting get one e-mail and are Unknown", (fixture) =>
    Effect.gen(function*() {
      yield* loseCreates(fixture, "before")
      yield* fixture.control.freezeReads("10 minutes")
      yield* fixture.start(ignoring(3), { allowDuplicates: true })
      yield* fixture.complete()
      deepStrictEqual(yield* fixture.counts(), { Unknown: 3 })
      deepStrictEqual(yield* fixture.emails, oneEach(3))
    }))

  for (const duration of ["30 seconds", "3 minutes"] as const) {
    test(`a list that is stale for ${duration}: others are found, and get one e-mail`, (fixture) =>
      Effect.gen(function*() {
        yield* loseCreates(fixture, "before")
        yield* fixture.control.freezeReads(duration)
        yield* fixture.start(3)
        yield* fixture.complete()
        deepStrictEqual(yield* fixture.counts(), { Created: 3 })
        deepStrictEqual(yield* fixture.emails, oneEach(3))
      }))
  }

  for (
    const [name, change] of [
      ["revoked", "revoke"],
      ["accepted", "accept"],
      ["expired", "expire"]
    ] as const
  ) {
    test(`an invitation of the campaign that is ${name} meanwhile is Created, and not sent again`, (fixture) =>
      Effect.gen(function*() {
        yield* postThen(fixture, Effect.forEach((id) => fixture.control[change](id)))
        deepStrictEqual(yield* fixture.counts(), { Created: 3 })
        deepStrictEqual(yield* fixture.emails, oneEach(3))
      }))

    test(`the same while the list is stale for 30 seconds: ${name}`, (fixture) =>
      Effect.gen(function*() {
        yield* fixture.control.freezeReads("30 seconds")
        yield* postThen(fixture, Effect.forEach((id) => fixture.control[change](id)))
        deepStrictEqual(yield* fixture.counts(), { Created: 3 })
        deepStrictEqual(yield* fixture.emails, oneEach(3))
      }))
  }

  test("an invitation that is revoked before its person is posted again is Created, and not sent again", (fixture) =>
    Effect.gen(function*() {
      const { campaigns, complete, control, counts, emails, start, store } = fixture
      yield* loseCreates(fixture, "before")
      yield* control.freezeReads("10 minutes")
      yield* start(3, { checkExisting: false, useSingleCreates: false })
      yield* campaigns.runDue
      // No call is free for the second post until the list is fresh again.
      yield* store.close({ name: "clerk:createBulk", limit: 25, window: minutes(60) }, minutes(20))
      for (let minute = 0; minute < 15; minute++) {
        yield* TestClock.adjust("1 minute")
        yield* campaigns.runDue
      }
      assert.strictEqual((yield* campaigns.get(id)).counts.pending, 3)
      yield* Effect.forEach(yield* control.invitations, ({ id }) => control.revoke(id))
      yield* complete()
      deepStrictEqual(yield* counts(), { Created: 3 })
      deepStrictEqual(yield* emails, oneEach(3))
    }))

  test("cancel still finds the outcomes of posts in doubt", (fixture) =>
    Effect.gen(function*() {
      yield* postThen(fixture, () => fixture.campaigns.cancel(id))
      const { counts, state } = yield* fixture.campaigns.get(id)
      deepStrictEqual([state, counts.Created, counts.sending], ["cancelled", 3, 0])
    }))

  test("a resumed campaign finds the outcomes of posts before the pause", (fixture) =>
    Effect.gen(function*() {
      yield* postThen(fixture, () =>
        Effect.gen(function*() {
          yield* fixture.campaigns.pause(id)
          yield* TestClock.adjust("1 day")
          assert.strictEqual(yield* fixture.campaigns.runDue, 0)
          yield* fixture.campaigns.resume(id)
        }))
      deepStrictEqual(yield* fixture.counts(), { Created: 3 })
      deepStrictEqual(yield* fixture.emails, oneEach(3))
    }))

  test("a cancelled campaign sends nobody again whose post was not found", (fixture) =>
    Effect.gen(function*() {
      yield* loseCreates(fixture, "never")
      yield* fixture.start(3)
      yield* fixture.campaigns.runDue
      yield* fixture.campaigns.cancel(id)
      yield* fixture.complete()
      deepStrictEqual(yield* fixture.counts(), { pending: 3 })
      deepStrictEqual(yield* fixture.emails, {})
    }))
}

const skews: ReadonlyArray<readonly [string, Setup]> = [
  ["equal clocks", {}],
  ["a store 7 minutes ahead of the server", { skew: minutes(7) }],
  ["a store 7 minutes behind the server", { skew: -minutes(7) }]
]

export const ours = (test: Test): void => {
  for (const [name, setup] of skews) {
    const people = [{ emailAddress: address(1), publicMetadata: { plan: "gold" }, ignoreExisting: true }]
    const another = [{ emailAddress: address(1), publicMetadata: { plan: "gold" } }]
    const options = { allowDuplicates: true, checkExisting: false }

    test(`with ${name}, ours is found`, (fixture) =>
      Effect.gen(function*() {
        yield* TestClock.adjust("1 hour")
        yield* loseCreates(fixture, "before")
        yield* fixture.start(people, options)
        yield* fixture.complete()
        deepStrictEqual(yield* fixture.counts(), { Created: 1 })
        deepStrictEqual(yield* fixture.emails, oneEach(1))
      }), setup)

    for (const refuses of [true, false]) {
      test(
        `with ${name}, another's of two minutes before is not ours: duplicates are ${refuses ? "refused" : "allowed"}`,
        (fixture) =>
          Effect.gen(function*() {
            const { campaigns, complete, control, counts, emails, start } = fixture
            yield* TestClock.adjust("1 hour")
            const [seed] = yield* control.seed(another)
            yield* TestClock.adjust("2 minutes")
            yield* loseCreates(fixture, "never")
            yield* start(refuses ? another : people, refuses ? { checkExisting: false } : options)
            yield* complete()
            deepStrictEqual(yield* counts(), refuses ? { AlreadyInvited: 1 } : { Unknown: 1 })
            deepStrictEqual(yield* emails, {})
            const person = yield* Effect.flatten(campaigns.person(id, address(1)))
            deepStrictEqual(person.invitationId, refuses ? Option.fromNullable(seed?.id) : Option.none())
          }),
        setup
      )
    }

    test(`with ${name}, another's that was created long after is not ours`, (fixture) =>
      Effect.gen(function*() {
        const { campaigns, complete, control, counts, start } = fixture
        yield* TestClock.adjust("1 hour")
        yield* loseCreates(fixture, "never")
        yield* start(people, options)
        yield* campaigns.runDue
        yield* TestClock.adjust("10 minutes")
        yield* control.seed(another)
        yield* complete()
        deepStrictEqual(yield* counts(), { Unknown: 1 })
      }), setup)
  }

  test("an invitation that was listed before the post is not ours, although its metadata is equal", (fixture) =>
    Effect.gen(function*() {
      yield* fixture.control.seed([{ emailAddress: address(1) }])
      yield* loseCreates(fixture, "never")
      yield* fixture.start(ignoring(1), { allowDuplicates: true })
      yield* fixture.complete()
      deepStrictEqual(yield* fixture.counts(), { Unknown: 1 })
    }))

  test("an invitation with other metadata is not ours", (fixture) =>
    Effect.gen(function*() {
      const { attempts, complete, control, counts, start } = fixture
      yield* start([{ emailAddress: address(1), publicMetadata: { plan: "gold" } }])
      // Another client is faster between the look-up and the post.
      yield* complete({
        attempts: beforeCreates(attempts, (call) =>
          Effect.zipRight(
            control.seed([{ emailAddress: address(1), publicMetadata: { plan: "silver" } }]),
            call
          ))
      })
      deepStrictEqual(yield* counts(), { AlreadyInvited: 1 })
    }))

  test("an outage of the creates is met with longer and longer pauses, although posts in doubt are looked up", (fixture) =>
    Effect.gen(function*() {
      const { calls, campaigns, complete, control, counts, emails, start } = fixture
      yield* control.setFaultPolicy((operation) =>
        Effect.succeed(
          operation === "list" ? Option.none() : Option.some(Fault.make(Fault.Response.Status({ status: 500 })))
        )
      )
      yield* start(40)
      for (let second = 0; second < 100; second++) {
        yield* campaigns.runDue
        yield* TestClock.adjust("1 second")
      }
      // Pauses of 1, 2, 4, 8, 16 and 32 seconds lie between seven slices.
      // A slice in which all people are sent by single creates has no bulk create.
      const { createBulk = 0 } = yield* calls
      assert.isTrue(createBulk >= 5 && createBulk <= 7)
      yield* control.setFaultPolicy(() => Effect.succeedNone)
      yield* complete()
      deepStrictEqual(yield* counts(), { Created: 40 })
      deepStrictEqual(yield* emails, oneEach(40))
    }))

  test("an outage of the creates for an hour leaves no outcome unknown", ({ campaigns, complete, control, counts, emails, start }) =>
    Effect.gen(function*() {
      yield* control.setFaultPolicy((operation) =>
        Effect.succeed(
          operation === "list" ? Option.none() : Option.some(Fault.make(Fault.Response.Status({ status: 503 })))
        )
      )
      yield* start(40)
      for (let minute = 0; minute < 60; minute++) {
        yield* campaigns.runDue
        yield* TestClock.adjust("1 minute")
      }
      yield* control.setFaultPolicy(() => Effect.succeedNone)
      yield* complete()
      deepStrictEqual(yield* counts(), { Created: 40 })
      deepStrictEqual(yield* emails, oneEach(40))
    }))

  test("a person whose look-up Clerk refuses for good ends as unknown", (fixture) =>
    Effect.gen(function*() {
      const { complete, control, counts, start } = fixture
      yield* loseCreates(fixture, "never")
      yield* start(3, { checkExisting: false })
      yield* control.setFaultPolicy((operation) =>
        Effect.succeed(
          operation === "list"
            ? Option.some(Fault.make(Fault.Response.Status({ status: 422, code: "form_param_value_invalid" })))
            : Option.none()
        )
      )
      yield* complete()
      deepStrictEqual(yield* counts(), { Unknown: 3 })
    }))
}
