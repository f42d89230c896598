import { InvitationsService } from "@effect-clerk/core"
import { InvitationId } from "@effect-clerk/core/Invitation"
import { duplicateEmails, isDuplicate } from "@effect-clerk/core/InvitationError"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Equal, Layer } from "effect"
import { makeFake, makeInvitation, makeInvitations } from "../utils.js"
import { emailAddress, forbidden, ids } from "./utils.js"

describe("the five primitives", () => {
  it.effect("receive the validated request, and their result is returned", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake(makeInvitations(2))
      const request = { emailAddress, expiresInDays: 7, publicMetadata: { role: "admin" } }
      const created = yield* fake.service.create(request)
      assert.strictEqual(created.emailAddress, emailAddress)
      const page = yield* fake.service.list({ limit: 2, offset: 1 })
      assert.deepStrictEqual(ids(page.data), ["inv_2", "inv_3"])
      assert.strictEqual(page.totalCount, 3)
      assert.strictEqual((yield* fake.service.revoke("inv_1")).id, "inv_1")
      assert.strictEqual((yield* fake.service.delete(InvitationId.make("inv_2"))).id, "inv_2")
      assert.deepStrictEqual((yield* fake.calls).map(({ input, method }) => [method, input]), [
        ["create", request],
        ["list", { limit: 2, offset: 1 }],
        ["revoke", "inv_1"],
        ["delete", "inv_2"]
      ])
    }))

  it.effect("fail the methods with their own errors", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([makeInvitation(1, { emailAddress })], () => ({
        list: () => Effect.fail(forbidden)
      }))
      const failure = yield* Effect.flip(fake.service.create({ emailAddress }))
      assert.isTrue(isDuplicate(failure))
      assert.deepStrictEqual(duplicateEmails(failure), [emailAddress])
      assert.isTrue(Equal.equals(yield* Effect.flip(fake.service.list()), forbidden))
      assert.strictEqual((yield* Effect.flip(fake.service.revoke("inv_9")))._tag, "NotFound")
      assert.strictEqual((yield* Effect.flip(fake.service.delete("inv_9")))._tag, "NotFound")
    }))

  it.effect("are called through the service tag", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake(makeInvitations(1))
      const program = Effect.flatMap(InvitationsService, (invitations) => invitations.list())
      const page = yield* Effect.provide(program, Layer.succeed(InvitationsService, fake.service))
      assert.deepStrictEqual(ids(page.data), ["inv_1"])
      assert.strictEqual(InvitationsService.key, "@effect-clerk/core/InvitationsService")
    }))
})
