import { DeletedInvitation } from "@effect-clerk/core/Invitation"
import { isUserExists, NotFound, Unprocessable } from "@effect-clerk/core/InvitationError"
import { InvitationNotPending } from "@effect-clerk/http/InvitationsControl"
import { Effect } from "effect"
import * as assert from "./assert.js"
import { errorFields, notFound } from "./errors.js"
import { ada, failure, ids, seedsOfEveryStatus } from "./fixtures.js"
import * as Suite from "./suite.js"

export const deleteInvitation = Suite.make((test) => {
  for (const { emailAddress, status } of seedsOfEveryStatus) {
    test(`deletes one ${status} invitation and no other`, ({ control, invitations }) =>
      Effect.gen(function*() {
        const seeded = yield* control.seed(seedsOfEveryStatus)
        const found = seeded.find((invitation) => invitation.emailAddress === emailAddress)
        assert.isTrue(found !== undefined)
        const deleted = yield* invitations.delete(found.id)
        assert.isTrue(deleted instanceof DeletedInvitation)
        assert.deepStrictEqual({ ...deleted }, { id: found.id })
        assert.deepStrictEqual(
          ids(yield* control.invitations),
          ids(seeded).filter((id) => id !== found.id)
        )
        assert.deepStrictEqual((yield* invitations.list({ status })).data, [])
        assert.isNone(yield* invitations.findById(found.id))
      }))
  }

  test("fails with NotFound for a deleted and for an unknown id", ({ invitations }) =>
    Effect.gen(function*() {
      const { id } = yield* invitations.create({ emailAddress: ada })
      yield* invitations.delete(id)
      assert.deepStrictEqual(errorFields(yield* failure(invitations.delete(id), NotFound)), notFound("delete", id))
      assert.deepStrictEqual(
        errorFields(yield* failure(invitations.delete("inv_nowhere"), NotFound)),
        notFound("delete", "inv_nowhere")
      )
    }))

  test("leaves nothing to revoke or accept", ({ control, invitations }) =>
    Effect.gen(function*() {
      const { id } = yield* invitations.create({ emailAddress: ada })
      yield* invitations.delete(id)
      assert.deepStrictEqual(errorFields(yield* failure(invitations.revoke(id), NotFound)), notFound("revoke", id))
      assert.strictEqual((yield* failure(control.accept(id), InvitationNotPending)).reason, "missing")
    }))

  test("keeps the user of an accepted invitation", ({ control, invitations }) =>
    Effect.gen(function*() {
      const { id } = yield* invitations.create({ emailAddress: ada })
      yield* control.accept(id)
      yield* invitations.delete(id)
      assert.isTrue(isUserExists(yield* failure(invitations.create({ emailAddress: ada }), Unprocessable)))
    }))
})
