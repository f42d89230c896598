import { BadRequest, duplicateEmails, isDuplicate, Unprocessable } from "@effect-clerk/core/InvitationError"
import { Duration, Effect, TestClock } from "effect"
import * as assert from "./assert.js"
import { duplicate, errorFields, userExists } from "./errors.js"
import { ada, day, failure, ids, urlOf } from "./fixtures.js"
import * as Suite from "./suite.js"

export const duplicates = Suite.make((test) => {
  test(
    "a second create is rejected while the first invitation is pending, and the error names the address",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        const first = yield* invitations.create({ emailAddress: ada })
        const error = yield* failure(invitations.create({ emailAddress: ada }), BadRequest)
        assert.deepStrictEqual(errorFields(error), duplicate("create", ada))
        assert.isTrue(isDuplicate(error))
        assert.deepStrictEqual(duplicateEmails(error), [ada])
        assert.isFalse(error.message.includes("ada"))
        assert.deepStrictEqual(ids(yield* control.invitations), [first.id])
        assert.strictEqual((yield* control.outbox).length, 1)
      })
  )

  test("a second create is rejected in any letter case, and the error names the address as requested", ({ invitations }) =>
    Effect.gen(function*() {
      yield* invitations.create({ emailAddress: "Ada@Example.com" })
      const error = yield* failure(invitations.create({ emailAddress: "aDA@eXAMPLE.COM" }), BadRequest)
      assert.deepStrictEqual(errorFields(error), duplicate("create", "aDA@eXAMPLE.COM"))
    }))

  test("an invitation for a longer address that contains the requested one is no duplicate", ({ invitations }) =>
    Effect.gen(function*() {
      yield* invitations.create({ emailAddress: `x${ada}` })
      yield* invitations.create({ emailAddress: `${ada}.uk` })
      const created = yield* invitations.create({ emailAddress: ada })
      assert.strictEqual(created.emailAddress, ada)
    }))

  test("a second create succeeds once the first invitation is revoked", ({ invitations }) =>
    Effect.gen(function*() {
      const first = yield* invitations.create({ emailAddress: ada })
      yield* invitations.revoke(first.id)
      const second = yield* invitations.create({ emailAddress: ada })
      assert.deepStrictEqual(ids((yield* invitations.list()).data), [second.id])
    }))

  test(
    "a second create succeeds as soon as the first invitation expires, and not before",
    ({ invitations }) =>
      Effect.gen(function*() {
        const first = yield* invitations.create({ emailAddress: ada, expiresInDays: 2 })
        yield* TestClock.adjust(Duration.millis(2 * day - 3))
        assert.isTrue(isDuplicate(yield* failure(invitations.create({ emailAddress: ada }), BadRequest)))
        yield* TestClock.adjust("1 millis")
        const second = yield* invitations.create({ emailAddress: ada })
        assert.deepStrictEqual(ids((yield* invitations.list()).data), [second.id, first.id])
      })
  )

  test("a second create succeeds once the first invitation is deleted", ({ invitations }) =>
    Effect.gen(function*() {
      const first = yield* invitations.create({ emailAddress: ada })
      yield* invitations.delete(first.id)
      const second = yield* invitations.create({ emailAddress: ada })
      assert.notStrictEqual<string>(second.id, first.id)
    }))

  test(
    "a second create is rejected once the first invitation is accepted, because the address belongs to a user",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        const first = yield* invitations.create({ emailAddress: ada })
        yield* control.accept(first.id)
        const error = yield* failure(invitations.create({ emailAddress: ada }), Unprocessable)
        assert.deepStrictEqual(errorFields(error), userExists("create"))
      })
  )

  test(
    "a second create with ignoreExisting succeeds while the first invitation is pending",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        const first = yield* invitations.create({ emailAddress: ada })
        const second = yield* invitations.create({ emailAddress: ada, ignoreExisting: true })
        assert.notStrictEqual<string>(second.id, first.id)
        assert.notStrictEqual(urlOf(second), urlOf(first))
        assert.deepStrictEqual(
          (yield* control.invitations).map(({ id, status }) => [id, status]),
          [[first.id, "pending"], [second.id, "pending"]]
        )
      })
  )

  test("a create is rejected while one of several invitations is pending", ({ invitations }) =>
    Effect.gen(function*() {
      const first = yield* invitations.create({ emailAddress: ada })
      const second = yield* invitations.create({ emailAddress: ada, ignoreExisting: true })
      yield* invitations.revoke(first.id)
      assert.isTrue(isDuplicate(yield* failure(invitations.create({ emailAddress: ada }), BadRequest)))
      yield* invitations.delete(second.id)
      assert.strictEqual((yield* invitations.create({ emailAddress: ada })).status, "pending")
    }))
})
