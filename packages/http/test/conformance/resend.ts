import { isUserExists, ResendIncomplete, Unprocessable } from "@effect-clerk/core/InvitationError"
import { Fault } from "@effect-clerk/http"
import { Effect } from "effect"
import * as assert from "./assert.js"
import { ada, encodeAll, failure, withoutRetry } from "./fixtures.js"
import * as Suite from "./suite.js"

export const resend = Suite.make((test) => {
  test("revokes the pending invitation and sends another e-mail", ({ control, invitations }) =>
    Effect.gen(function*() {
      const first = yield* invitations.create({ emailAddress: ada, publicMetadata: { role: "guest" } })
      const second = yield* invitations.resend({ emailAddress: "ADA@example.com", publicMetadata: { role: "admin" } })
      assert.isTrue(second.isPending)
      const statusOf = new Map((yield* control.invitations).map(({ id, status }) => [id, status]))
      assert.strictEqual(statusOf.size, 2)
      assert.strictEqual(statusOf.get(first.id), "revoked")
      assert.strictEqual(statusOf.get(second.id), "pending")
      assert.deepStrictEqual((yield* control.outbox).map(({ invitationId }) => invitationId), [first.id, second.id])
    }))

  test("creates an invitation if the address has none, and none for a user", ({ control, invitations }) =>
    Effect.gen(function*() {
      const created = yield* invitations.resend({ emailAddress: ada })
      assert.deepStrictEqual(encodeAll(yield* control.invitations), encodeAll([created]))
      yield* control.accept(created.id)
      const error = yield* failure(invitations.resend({ emailAddress: ada }), Unprocessable)
      assert.isTrue(isUserExists(error))
      assert.strictEqual((yield* control.invitations).length, 1)
    }))

  test("says what it revoked if the create fails, and finishes the next time", ({ control, invitations }) =>
    Effect.gen(function*() {
      const { id } = yield* invitations.create({ emailAddress: ada })
      yield* control.injectFaults([{
        operation: "create",
        response: Fault.Response.Status({ status: 422, code: "form_param_value_invalid" }),
        commit: "never"
      }])
      const error = yield* failure(withoutRetry(invitations.resend({ emailAddress: ada })), ResendIncomplete)
      assert.deepStrictEqual(error.revoked, [id])
      assert.strictEqual(error.error._tag, "Unprocessable")
      const finished = yield* invitations.resend({ emailAddress: ada })
      const pending = (yield* control.invitations).filter(({ isPending }) => isPending)
      assert.deepStrictEqual(encodeAll(pending), encodeAll([finished]))
      assert.strictEqual((yield* control.outbox).length, 2)
    }))
})
