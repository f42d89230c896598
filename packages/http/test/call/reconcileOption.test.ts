import { AmbiguousWrite } from "@effect-clerk/core/InvitationError"
import { RetryPolicy } from "@effect-clerk/http"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Duration, Effect, Option } from "effect"
import { runStubWithClock } from "../utils/clock.js"
import { invite } from "../utils/limits.js"
import * as stub from "../utils/stub.js"
import { errors, id, page, row } from "../utils/wire.js"

/** Reacts to the first request with a 503, then as `react` does. */
const after503 = (react: (request: stub.Seen) => stub.Reaction, retry: RetryPolicy.Input) =>
  stub.service((request, index) => index === 0 ? { status: 503 } : react(request), { retry })

const operationsOf = (seen: ReadonlyArray<stub.Seen>) => seen.map(({ operation }) => operation)

describe("reconcile: false", () => {
  const retry = { attempts: 3, reconcile: false } as const

  it.effect("a create with an unknown outcome is neither looked up nor sent again", () =>
    Effect.gen(function*() {
      for (const ignoreExisting of [false, true]) {
        const { invitations, seen } = yield* after503(stub.properly, retry)
        const error = yield* runStubWithClock(Effect.flip(invitations.create({ ...invite(1), ignoreExisting })))
        assert.instanceOf(error, AmbiguousWrite)
        assert.deepStrictEqual(operationsOf(seen), ["create"])
      }
      const { invitations, seen } = yield* after503(stub.properly, retry)
      assert.instanceOf(
        yield* runStubWithClock(Effect.flip(invitations.createBulk([invite(1), invite(2)]))),
        AmbiguousWrite
      )
      assert.deepStrictEqual(operationsOf(seen), ["createBulk"])
    }))

  it.effect("a create that was not sent or was throttled is retried", () =>
    Effect.gen(function*() {
      const failures: ReadonlyArray<stub.Reaction> = [
        { code: "ECONNREFUSED" },
        { status: 429, body: errors("too_many_requests") }
      ]
      for (const failure of failures) {
        const { invitations, seen } = yield* stub.service(
          (request, index) => index === 0 ? failure : stub.properly(request),
          { retry }
        )
        yield* runStubWithClock(invitations.create(invite(1)))
        assert.deepStrictEqual(operationsOf(seen), ["create", "create"])
      }
    }))

  it.effect("a revoke is retried, and \"already revoked\" then remains ambiguous", () =>
    Effect.gen(function*() {
      const succeeds = yield* after503(stub.properly, retry)
      yield* runStubWithClock(succeeds.invitations.revoke(id))
      const { invitations, seen } = yield* after503(
        () => ({ status: 400, body: errors("invitation_already_revoked") }),
        retry
      )
      assert.instanceOf(yield* runStubWithClock(Effect.flip(invitations.revoke(id))), AmbiguousWrite)
      assert.deepStrictEqual(operationsOf(seen), ["revoke", "revoke"])
    }))

  it.effect("a revoke of an invitation that was accepted fails as one, because that needs no look-up", () =>
    Effect.gen(function*() {
      const { invitations } = yield* after503(
        () => ({ status: 400, body: errors("invitation_already_accepted") }),
        retry
      )
      assert.strictEqual((yield* runStubWithClock(Effect.flip(invitations.revoke(id))))._tag, "BadRequest")
    }))

  it.effect("a delete is retried, and \"not found\" is success", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* after503(
        () => ({ status: 404, body: errors("resource_not_found") }),
        retry
      )
      yield* runStubWithClock(invitations.delete(id))
      assert.deepStrictEqual(operationsOf(seen), ["delete", "delete"])
    }))
})

describe("reconcile: true", () => {
  it.effect("with one attempt and a reconcileTimeout of zero, a create is looked up once", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* after503(
        ({ url }) => ({ body: page(url.searchParams.has("status") ? [] : [row(1)]) }),
        { attempts: 1, reconcileTimeout: 0 }
      )
      const created = yield* runStubWithClock(invitations.create(invite(1)))
      assert.strictEqual(created.id, "inv_1")
      // The pending ones, and the revoked ones, which Clerk lists on request.
      assert.deepStrictEqual(operationsOf(seen), ["create", "list", "list"])
    }))

  it.effect("with one attempt and a reconcileTimeout of zero, an empty list is not read again", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* after503(
        () => ({ body: page([]) }),
        { attempts: 1, reconcileTimeout: 0 }
      )
      assert.instanceOf(yield* runStubWithClock(Effect.flip(invitations.create(invite(1)))), AmbiguousWrite)
      assert.deepStrictEqual(operationsOf(seen), ["create", "list", "list"])
    }))
})

describe("RetryPolicy.make", () => {
  it("has the documented defaults", () => {
    deepStrictEqual(Effect.runSync(RetryPolicy.make()), {
      attempts: 3,
      minBackoff: Duration.millis(200),
      maxBackoff: Duration.seconds(8),
      maxRetryAfter: Duration.seconds(30),
      schedule: Option.none(),
      reconcile: true,
      reconcileTimeout: Duration.seconds(4)
    })
  })

  it("\"none\" is one attempt, without a wait and without reconciliation", () => {
    const none = RetryPolicy.make({ attempts: 1, maxRetryAfter: 0, reconcile: false })
    assert.deepStrictEqual(RetryPolicy.make("none"), none)
    expectTypeOf<RetryPolicy.Options["reconcile"]>().toEqualTypeOf<boolean | undefined>()
  })
})
