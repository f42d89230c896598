import { AmbiguousWrite, isUserExists, Unprocessable } from "@effect-clerk/core/InvitationError"
import { Fault } from "@effect-clerk/http"
import type { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { InvitationNotPending } from "@effect-clerk/http/InvitationsControl"
import { Clock, DateTime, Deferred, Duration, Effect, Fiber, TestClock } from "effect"
import * as assert from "./assert.js"
import {
  ada,
  day,
  encode,
  encodeAll,
  failure,
  ids,
  makeRequests,
  seedsOfEveryStatus,
  withoutRetry
} from "./fixtures.js"
import * as Suite from "./suite.js"

export const control = Suite.make((test, { runWithClock }) => {
  test(
    "seed adds invitations of every status without a call or an e-mail",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        const seeded = yield* control.seed(seedsOfEveryStatus)
        assert.deepStrictEqual(
          seeded.map(({ emailAddress, revoked, status }) => ({ emailAddress, revoked, status })),
          seedsOfEveryStatus.map((seed) => ({ ...seed, revoked: seed.status === "revoked" ? true : undefined }))
        )
        assert.deepStrictEqual(encodeAll(yield* control.invitations), encodeAll(seeded))
        assert.deepStrictEqual([yield* control.calls, yield* control.outbox], [[], []])
        assert.isTrue(
          isUserExists(yield* failure(invitations.create({ emailAddress: "accepted@example.com" }), Unprocessable))
        )
      })
  )

  test("seed adds invitations with a creation time in the past, which expire counted from that time", ({ control }) =>
    Effect.gen(function*() {
      yield* TestClock.adjust("40 days")
      interface Numbered {
        readonly n: number
      }
      const numbered: Numbered = { n: 1 }
      const seeded = yield* control.seed([
        { emailAddress: "a@x.co", createdAt: DateTime.unsafeMake(5 * day), expiresInDays: 60 },
        { emailAddress: "b@x.co", createdAt: DateTime.unsafeMake(20 * day), publicMetadata: numbered },
        { emailAddress: "c@x.co" }
      ])
      assert.deepStrictEqual(
        encodeAll(seeded).map(({ created_at, expires_at }) => [created_at / day, ((expires_at ?? 0) + 2) / day]),
        [[5, 65], [20, 50], [40, 70]]
      )
      assert.deepStrictEqual(seeded[1]?.publicMetadata, { n: numbered.n })
      yield* TestClock.adjust("15 days")
      assert.deepStrictEqual((yield* control.invitations).map(({ status }) => status), [
        "pending",
        "expired",
        "pending"
      ])
    }))

  test("seed returns an expired invitation if its time has passed already", ({ control }) =>
    Effect.gen(function*() {
      yield* TestClock.adjust("40 days")
      const [seeded] = yield* control.seed([{ emailAddress: ada, createdAt: DateTime.unsafeMake(0) }])
      assert.strictEqual((yield* control.invitations)[0]?.status, "expired")
      assert.strictEqual(seeded?.status, "expired")
    }))

  test(
    "accept marks an invitation as accepted, for good",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        const created = yield* invitations.create({ emailAddress: ada })
        yield* TestClock.adjust("2 hours")
        const accepted = yield* control.accept(created.id)
        assert.deepStrictEqual(encode(accepted), {
          ...encode(created),
          status: "accepted",
          updated_at: 2 * 60 * 60 * 1000
        })
        assert.deepStrictEqual(encodeAll((yield* invitations.list({ status: "accepted" })).data), [encode(accepted)])
        yield* TestClock.adjust("60 days")
        assert.strictEqual((yield* invitations.list({ status: "accepted" })).totalCount, 1)
      })
  )

  for (const reason of ["accepted", "revoked", "expired"] as const) {
    test(`accept rejects an invitation that is ${reason}`, ({ control }) =>
      Effect.gen(function*() {
        const [seeded] = yield* control.seed([{ emailAddress: ada, status: reason }])
        assert.isTrue(seeded !== undefined)
        const error = yield* failure(control.accept(seeded.id), InvitationNotPending)
        assert.deepStrictEqual([error.id, error.reason], [seeded.id, reason])
        assert.strictEqual(error.message, `${seeded.id} is not pending: it is ${reason}`)
        assert.strictEqual((yield* control.invitations)[0]?.status, reason)
      }))
  }

  test("accept rejects an accepted and a missing invitation", ({ control, invitations }) =>
    Effect.gen(function*() {
      const { id } = yield* invitations.create({ emailAddress: ada })
      yield* control.accept(id)
      assert.strictEqual((yield* failure(control.accept(id), InvitationNotPending)).reason, "accepted")
      assert.strictEqual((yield* failure(control.accept("inv_nowhere"), InvitationNotPending)).reason, "missing")
    }))

  test(
    "outbox returns the e-mails in the order in which they were sent",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        yield* invitations.create({ emailAddress: "b@x.co" })
        yield* TestClock.adjust("1 seconds")
        yield* invitations.createBulk([{ emailAddress: "c@x.co" }, { emailAddress: "a@x.co" }])
        assert.deepStrictEqual(
          (yield* control.outbox).map(({ sentAt, to }) => [to, DateTime.toEpochMillis(sentAt)]),
          [["b@x.co", 0], ["c@x.co", 1000], ["a@x.co", 1000]]
        )
      })
  )

  test(
    "calls returns every call with its time and outcome",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        const { id } = yield* invitations.create({ emailAddress: ada })
        yield* TestClock.adjust("1 seconds")
        yield* Effect.ignore(invitations.create({ emailAddress: ada }))
        yield* invitations.createBulk(makeRequests(2))
        yield* invitations.list()
        yield* TestClock.adjust("1 seconds")
        yield* invitations.revoke(id)
        yield* invitations.delete(id)
        yield* Effect.ignore(invitations.delete(id))
        yield* control.failNext(Fault.Response.Status({ status: 403 }))
        yield* Effect.ignore(invitations.list())
        assert.deepStrictEqual(
          (yield* control.calls).map((
            { at, operation, outcome }
          ) => [operation, outcome, DateTime.toEpochMillis(at)]),
          [
            ["create", "ok", 0],
            ["create", "duplicate_record", 1000],
            ["createBulk", "ok", 1000],
            ["list", "ok", 1000],
            ["revoke", "ok", 2000],
            ["delete", "ok", 2000],
            ["delete", "resource_not_found", 2000],
            ["list", "Status", 2000]
          ]
        )
      })
  )

  test("reset removes invitations, users, e-mails, calls, faults and frozen reads", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.addUser(ada)
      const { id } = yield* invitations.create({ emailAddress: "bob@x.co" })
      yield* control.injectFaults([{ ...Fault.make(Fault.Response.Status({ status: 403 })), nth: 1, times: 9 }])
      yield* control.setFaultPolicy(() => Effect.succeedSome(Fault.make(Fault.Response.Status({ status: 403 }))))
      yield* control.freezeReads("1 hours")
      yield* control.reset
      assert.deepStrictEqual(
        [yield* control.invitations, yield* control.outbox, yield* control.calls],
        [[], [], []]
      )
      const created = yield* invitations.createBulk([{ emailAddress: ada }, { emailAddress: "bob@x.co" }])
      assert.isFalse(ids(created).includes(id))
      assert.deepStrictEqual(ids((yield* invitations.list()).data).sort(), ids(created).sort())
    }))

  const endings = ["reset", "restore"] as const
  for (const ending of endings) {
    const end = (control: InvitationsControl.Service) =>
      ending === "reset" ? control.reset : Effect.flatMap(control.snapshot, control.restore)

    test(`${ending} ends a commit that is under way`, ({ control, invitations }) =>
      Effect.gen(function*() {
        yield* control.failNext(Fault.Response.Reset(), { operation: "create", commit: Duration.seconds(10) })
        yield* failure(withoutRetry(invitations.create({ emailAddress: ada })), AmbiguousWrite)
        yield* end(control)
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual([yield* control.invitations, yield* control.outbox], [[], []])
      }))

    for (const at of ["headers", "body"] as const) {
      test(`${ending} ends a response that stalls in the ${at}`, ({ control, invitations }) =>
        runWithClock(Effect.gen(function*() {
          yield* control.failNext(Fault.Response.Stall({ at }))
          const create = withoutRetry(invitations.create({ emailAddress: ada }))
          const fiber = yield* Effect.fork(failure(create, AmbiguousWrite))
          yield* Effect.sleep("1 second")
          yield* end(control)
          const error = yield* Fiber.join(fiber)
          assert.isTrue(error.lastFailure._tag === "ConnectionError")
          assert.strictEqual(yield* Clock.currentTimeMillis, 1000)
        })))
    }

    test(`${ending} ends a call that waits for its fault policy`, ({ control, invitations }) =>
      runWithClock(Effect.gen(function*() {
        yield* control.setFaultPolicy(() => Effect.delay(Effect.succeedNone, "5 seconds"))
        const create = withoutRetry(invitations.create({ emailAddress: ada }))
        const fiber = yield* Effect.fork(failure(create, AmbiguousWrite))
        yield* Effect.sleep("1 second")
        yield* end(control)
        yield* Fiber.join(fiber)
        assert.deepStrictEqual([yield* control.invitations, yield* control.outbox], [[], []])
      })))
  }

  for (const ending of endings) {
    test(`${ending} ends a call whose fault policy does not decide`, ({ control, invitations }) =>
      Effect.gen(function*() {
        const snapshot = yield* control.snapshot
        const held = yield* Deferred.make<undefined>()
        yield* control.setFaultPolicy(() => Effect.zipRight(Deferred.succeed(held, undefined), Effect.never))
        const fiber = yield* Effect.fork(
          failure(withoutRetry(invitations.create({ emailAddress: ada })), AmbiguousWrite)
        )
        yield* Deferred.await(held)
        yield* ending === "reset" ? control.reset : control.restore(snapshot)
        yield* Fiber.join(fiber)
        assert.deepStrictEqual(yield* control.invitations, [])
      }))
  }

  test("freezeReads makes list return old rows for that duration", ({ control, invitations }) =>
    Effect.gen(function*() {
      const { id } = yield* invitations.create({ emailAddress: ada })
      yield* control.freezeReads("10 seconds")
      yield* invitations.revoke(id)
      yield* invitations.createBulk(makeRequests(2))
      assert.deepStrictEqual((yield* invitations.list()).data.map((row) => [row.id, row.status]), [[id, "pending"]])
      yield* TestClock.adjust("9999 millis")
      assert.strictEqual((yield* invitations.list({ status: "revoked" })).totalCount, 0)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* invitations.list({ status: "revoked" })).totalCount, 1)
      assert.strictEqual((yield* invitations.list()).totalCount, 2)
    }))
})
