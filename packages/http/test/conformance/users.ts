import { isDuplicate, isUserExists, Unprocessable } from "@effect-clerk/core/InvitationError"
import { Effect } from "effect"
import * as assert from "./assert.js"
import { errorFields, userExists } from "./errors.js"
import { ada, failure, makeRequests } from "./fixtures.js"
import * as Suite from "./suite.js"

export const users = Suite.make((test) => {
  test("create rejects the address of a user in any letter case", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.addUser("ADA@example.com")
      const error = yield* failure(invitations.create({ emailAddress: ada }), Unprocessable)
      assert.deepStrictEqual(errorFields(error), userExists("create"))
      assert.isTrue(isUserExists(error))
      assert.isFalse(isDuplicate(error))
      assert.deepStrictEqual(yield* control.invitations, [])
      assert.deepStrictEqual(yield* control.outbox, [])
    }))

  test("create with ignoreExisting invites the address of a user", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.addUser(ada)
      assert.strictEqual((yield* invitations.create({ emailAddress: ada, ignoreExisting: true })).status, "pending")
    }))

  test("createBulk is rejected as a whole, and the error does not tell which address is that of a user", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.addUser("person2@example.com")
      const error = yield* failure(invitations.createBulk(makeRequests(3)), Unprocessable)
      assert.deepStrictEqual(errorFields(error), userExists("createBulk"))
      assert.deepStrictEqual(yield* control.invitations, [])
    }))

  // Clerk's documentation: "there must be no existing user …, and this rule cannot be bypassed".
  test(
    "createBulk with ignoreExisting is rejected as well",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        yield* control.addUser(ada)
        const error = yield* failure(
          invitations.createBulk([{ emailAddress: ada, ignoreExisting: true }, ...makeRequests(1)]),
          Unprocessable
        )
        assert.deepStrictEqual(errorFields(error), userExists("createBulk"))
      })
  )
})
