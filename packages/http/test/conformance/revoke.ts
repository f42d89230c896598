import { BadRequest, isAlreadyAccepted, isAlreadyRevoked, NotFound } from "@effect-clerk/core/InvitationError"
import { Effect, TestClock } from "effect"
import * as assert from "./assert.js"
import { errorFields, notFound, notRevocable } from "./errors.js"
import { ada, encode, encodeAll, failure, ids } from "./fixtures.js"
import * as Suite from "./suite.js"

export const revoke = Suite.make((test) => {
  test("returns the revoked invitation", ({ control, invitations }) =>
    Effect.gen(function*() {
      const created = yield* invitations.create({ emailAddress: ada, publicMetadata: { a: 1 } })
      yield* TestClock.adjust("1 hours")
      const revoked = yield* invitations.revoke(created.id)
      const { url: _, ...fields } = encode(created)
      assert.deepStrictEqual(encode(revoked), {
        ...fields,
        status: "revoked",
        revoked: true,
        updated_at: 60 * 60 * 1000
      })
      assert.deepStrictEqual(encodeAll(yield* control.invitations), [encode(revoked)])
    }))

  test("removes the invitation from the default list and adds it to the list of revoked ones", ({ invitations }) =>
    Effect.gen(function*() {
      const { id } = yield* invitations.create({ emailAddress: ada })
      yield* invitations.revoke(id)
      assert.deepStrictEqual((yield* invitations.list()).data, [])
      assert.deepStrictEqual(ids((yield* invitations.list({ status: "revoked" })).data), [id])
    }))

  test("rejects an invitation that is already revoked", ({ control, invitations }) =>
    Effect.gen(function*() {
      const { id } = yield* invitations.create({ emailAddress: ada })
      const revoked = yield* invitations.revoke(id)
      yield* TestClock.adjust("1 hours")
      const error = yield* failure(invitations.revoke(id), BadRequest)
      assert.deepStrictEqual(errorFields(error), notRevocable("invitation_already_revoked"))
      assert.isTrue(isAlreadyRevoked(error))
      assert.isFalse(isAlreadyAccepted(error))
      assert.deepStrictEqual(encodeAll(yield* control.invitations), [encode(revoked)])
    }))

  test("rejects an invitation that is accepted", ({ control, invitations }) =>
    Effect.gen(function*() {
      const { id } = yield* invitations.create({ emailAddress: ada })
      yield* control.accept(id)
      const error = yield* failure(invitations.revoke(id), BadRequest)
      assert.deepStrictEqual(errorFields(error), notRevocable("invitation_already_accepted"))
      assert.isTrue(isAlreadyAccepted(error))
      assert.strictEqual((yield* control.invitations)[0]?.status, "accepted")
    }))

  test("revokes an expired invitation", ({ control, invitations }) =>
    Effect.gen(function*() {
      const { id } = yield* invitations.create({ emailAddress: ada, expiresInDays: 1 })
      yield* TestClock.adjust("2 days")
      assert.strictEqual((yield* invitations.revoke(id)).status, "revoked")
      assert.strictEqual((yield* control.invitations)[0]?.status, "revoked")
    }))

  test("fails with NotFound for an unknown id", ({ invitations }) =>
    Effect.gen(function*() {
      const error = yield* failure(invitations.revoke("inv_nowhere"), NotFound)
      assert.deepStrictEqual(errorFields(error), notFound("revoke", "inv_nowhere"))
    }))
})
