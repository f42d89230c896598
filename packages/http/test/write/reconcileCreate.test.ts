import { isDuplicate } from "@effect-clerk/core/InvitationError"
import { Fault } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, TestClock } from "effect"
import * as clerk from "../utils/clerk.js"
import { advanceUntilDone, networkIdle, runStubWithClock, runWithClock } from "../utils/clock.js"
import { duplicate, lost, scripted } from "../utils/scriptedList.js"
import * as stub from "../utils/stub.js"
import { ambiguousWrite, emailAddress, requestsOf, succeed } from "../utils/stubbedCalls.js"
import { row } from "../utils/wire.js"

const hour = 3_600_000

describe("reconciliation of a create", () => {
  it.scoped("fails with the duplicate, not with AmbiguousWrite, if an older pending invitation exists", () =>
    Effect.gen(function*() {
      const { control, count, invitations } = yield* clerk.make()
      yield* control.seed([{ emailAddress }])
      yield* TestClock.adjust("1 hour")
      yield* control.failNext(Fault.Response.Status({ status: 503 }), { operation: "create" })
      const error = yield* runWithClock(Effect.flip(invitations.create({ emailAddress })))
      assert.isTrue(isDuplicate(error))
      assert.strictEqual(count("create"), 2)
      assert.lengthOf(yield* control.invitations, 1)
    }))

  for (const [description, clockSkew] of [["an hour ahead", hour], ["an hour behind", -hour]] as const) {
    it.effect(`recognizes the created invitation by the Date header if the server's clock is ${description}`, () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(48 * hour)
        const { invitations, seen } = yield* stub.service(scripted({
          clockSkew,
          posts: [lost, duplicate, duplicate],
          rows: () => [row(1, { created_at: 48 * hour + clockSkew + 10 })]
        }))
        const created = yield* runStubWithClock(invitations.create({ emailAddress }))
        assert.strictEqual<string>(created.id, "inv_1")
        assert.lengthOf(requestsOf(seen, "create"), 1)
      }))

    it.effect(`recognizes an older invitation by the Date header if the server's clock is ${description}`, () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(48 * hour)
        const { invitations } = yield* stub.service(scripted({
          clockSkew,
          posts: [{ status: 503 }, duplicate, duplicate],
          rows: () => [row(1, { created_at: 48 * hour + clockSkew - 60_000 })]
        }))
        const error = yield* runStubWithClock(Effect.flip(invitations.create({ emailAddress })))
        assert.isTrue(isDuplicate(error))
      }))
  }

  it.effect("attributes no invitation to the create if no response has a Date header", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(48 * hour)
      const { invitations, seen } = yield* stub.service(scripted({
        clockSkew: "unknown",
        posts: [lost, duplicate, duplicate],
        rows: () => [row(1, { created_at: 48 * hour })]
      }))
      const error = ambiguousWrite(yield* runStubWithClock(Effect.flip(invitations.create({ emailAddress }))))
      assert.deepStrictEqual<ReadonlyArray<string>>(error.candidates, ["inv_1"])
      assert.lengthOf(requestsOf(seen, "create"), 1)
    }))

  it.effect("searches the default list and the list of revoked invitations for the address", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(scripted({
        posts: [lost],
        rows: () => [row(1, { status: "revoked", revoked: true })]
      }))
      const created = yield* runStubWithClock(invitations.create({ emailAddress }))
      assert.deepInclude<object>(created, { id: "inv_1", status: "revoked" })
      const queries = requestsOf(seen, "list").map(({ url }) => url.searchParams)
      assert.deepStrictEqual(queries.map((params) => params.get("status")), [null, "revoked"])
      assert.deepStrictEqual(queries.map((params) => params.get("query")), [emailAddress, emailAddress])
    }))

  it.effect("compares the whole address and ignores its case", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(scripted({
        posts: [lost],
        rows: () => [row(1, { email_address: `x${emailAddress}` }), row(2, { email_address: "PERSON1@Example.com" })]
      }))
      assert.strictEqual<string>((yield* runStubWithClock(invitations.create({ emailAddress }))).id, "inv_2")
    }))

  it.effect("does not attribute an invitation with other metadata to the create", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(scripted({
        posts: [lost],
        rows: (posts) => posts === 0 ? [] : [row(1, { public_metadata: { plan: "silver" } })]
      }))
      const error = yield* runStubWithClock(
        Effect.flip(invitations.create({ emailAddress, publicMetadata: { plan: "gold" }, ignoreExisting: true }))
      )
      assert.deepStrictEqual(ambiguousWrite(error).candidates, [])
    }))

  it.effect("compares metadata as JSON and ignores the order of keys", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(scripted({
        posts: [lost],
        rows: () => [row(1, { public_metadata: { b: [1, { c: null }], a: "x" } })]
      }))
      const created = yield* runStubWithClock(
        invitations.create({ emailAddress, publicMetadata: { a: "x", b: [1, { c: null }], d: undefined } })
      )
      assert.strictEqual<string>(created.id, "inv_1")
    }))

  it.effect("with ignoreExisting, does not attribute an invitation to the create that was listed before it", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(scripted({
        posts: [lost],
        rows: (posts) => posts === 0 ? [row(1)] : [row(1), row(2, { email_address: emailAddress })]
      }))
      const created = yield* runStubWithClock(invitations.create({ emailAddress, ignoreExisting: true }))
      assert.strictEqual<string>(created.id, "inv_2")
      assert.deepStrictEqual(seen.map(({ operation }) => operation), ["list", "list", "create", "list", "list"])
    }))

  it.effect("lists nothing if the create succeeds and does not ignore existing invitations", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(succeed)
      yield* runStubWithClock(invitations.create({ emailAddress }))
      assert.deepStrictEqual(seen.map(({ operation }) => operation), ["create"])
    }))

  it.effect("fails with AmbiguousWrite and the candidates, after one POST, if several invitations match", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(scripted({
        posts: [lost],
        rows: (posts) => posts === 0 ? [row(7)] : [row(7), row(1), row(2, { email_address: emailAddress })]
      }))
      const error = ambiguousWrite(
        yield* runStubWithClock(Effect.flip(invitations.create({ emailAddress, ignoreExisting: true })))
      )
      assert.deepStrictEqual<ReadonlyArray<string>>(error.candidates, ["inv_1", "inv_2"])
      assert.include(error.message, "2 candidate(s)")
      assert.lengthOf(requestsOf(seen, "create"), 1)
    }))

  it.effect("with ignoreExisting, fails with AmbiguousWrite after one POST if every look-up fails", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(
        scripted({ posts: [lost], rows: () => [], lists: () => ({ status: 503 }) })
      )
      const error = ambiguousWrite(
        yield* runStubWithClock(Effect.flip(invitations.create({ emailAddress, ignoreExisting: true })))
      )
      assert.deepInclude<object>(error.lastFailure, { _tag: "ConnectionError", reason: "Lost" })
      assert.lengthOf(requestsOf(seen, "create"), 1)
    }))

  it.effect("fails with AmbiguousWrite if a retry is a duplicate and every look-up fails", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(
        scripted({ posts: [lost, duplicate], rows: () => [], lists: () => ({ status: 503 }) })
      )
      const error = yield* runStubWithClock(Effect.flip(invitations.create({ emailAddress })))
      assert.strictEqual(error._tag, "AmbiguousWrite")
      assert.lengthOf(requestsOf(seen, "create"), 2)
    }))

  it.effect("repeats a failed look-up within `reconcileTimeout`", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(scripted({
        posts: [lost],
        rows: (posts) => posts === 0 ? [] : [row(1)],
        lists: (lists) => lists >= 1 && lists <= 2 ? { status: 503 } : undefined
      }))
      const created = yield* runStubWithClock(invitations.create({ emailAddress, ignoreExisting: true }))
      assert.strictEqual<string>(created.id, "inv_1")
      assert.lengthOf(requestsOf(seen, "create"), 1)
    }))

  it.effect("repeats the look-up until the list is current if a retry is a duplicate", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(scripted({
        posts: [lost, duplicate],
        rows: (_, lists) => lists < 3 ? [] : [row(1)]
      }))
      assert.strictEqual<string>((yield* runStubWithClock(invitations.create({ emailAddress }))).id, "inv_1")
      assert.lengthOf(requestsOf(seen, "create"), 2)
    }))

  it.scoped("finds an invitation that is committed a second after the reset, with ignoreExisting and without", () =>
    Effect.gen(function*() {
      for (const ignoreExisting of [true, false]) {
        const { control, invitations } = yield* clerk.make()
        yield* control.failNext(Fault.Response.Reset(), { operation: "create", commit: Duration.seconds(1) })
        const created = yield* runWithClock(invitations.create({ emailAddress, ignoreExisting }))
        yield* TestClock.adjust("10 seconds")
        assert.deepStrictEqual((yield* control.invitations).map((invitation) => invitation.id), [created.id])
      }
    }))

  it.scoped("finds the invitation if the list is two seconds stale, with ignoreExisting and without", () =>
    Effect.gen(function*() {
      for (const ignoreExisting of [true, false]) {
        const { control, invitations } = yield* clerk.make()
        yield* control.freezeReads("2 seconds")
        yield* control.failNext(Fault.Response.Reset(), { operation: "create", commit: "before" })
        const created = yield* runWithClock(invitations.create({ emailAddress, ignoreExisting }))
        assert.deepStrictEqual((yield* control.invitations).map((invitation) => invitation.id), [created.id])
      }
    }))

  it.scoped("finds the invitation if the stale list has an older one that was revoked just before the create", () =>
    Effect.gen(function*() {
      const { control, invitations } = yield* clerk.make()
      const [older] = yield* control.seed([{ emailAddress }])
      yield* TestClock.adjust("1 hour")
      yield* control.freezeReads("2 seconds")
      yield* runWithClock(invitations.revoke(older?.id ?? ""))
      yield* control.failNext(Fault.Response.Reset(), { operation: "create", commit: "before" })
      const created = yield* runWithClock(invitations.create({ emailAddress }))
      assert.deepStrictEqual(
        (yield* control.invitations).map(({ id }) => id).filter((id) => id !== older?.id),
        [created.id]
      )
    }))

  it.scoped("does not attribute an invitation to the create that an earlier create returned", () =>
    Effect.gen(function*() {
      const { control, count, invitations } = yield* clerk.make()
      yield* runWithClock(invitations.create({ emailAddress }))
      yield* control.failNext(Fault.Response.Reset(), { operation: "create" })
      const error = yield* runWithClock(Effect.flip(invitations.create({ emailAddress })))
      assert.isTrue(isDuplicate(error))
      assert.strictEqual(count("create"), 3)
      assert.lengthOf(yield* control.invitations, 1)
    }))

  it.scoped("finds the invitation if the invited person accepts it meanwhile", () =>
    Effect.gen(function*() {
      const { control, invitations } = yield* clerk.make()
      yield* control.freezeReads("300 millis")
      yield* control.failNext(Fault.Response.Reset(), { operation: "create", commit: "before" })
      const fiber = yield* Effect.fork(invitations.create({ emailAddress }))
      yield* networkIdle
      const [stored] = yield* control.invitations
      if (stored === undefined) return yield* Effect.dieMessage("the store is empty")
      yield* control.accept(stored.id)
      yield* advanceUntilDone(fiber)
      assert.deepInclude(yield* Fiber.join(fiber), { id: stored.id, status: "accepted" })
    }))

  for (const attempts of [1, 2]) {
    it.scoped(`takes place if the policy allows ${attempts} attempt(s)`, () =>
      Effect.gen(function*() {
        const { control, count, invitations } = yield* clerk.make({ retry: { attempts } })
        yield* control.failNext(Fault.Response.Reset(), { operation: "create", commit: "before" })
        yield* runWithClock(invitations.create({ emailAddress }))
        assert.strictEqual(count("create"), 1)
      }))
  }
})
