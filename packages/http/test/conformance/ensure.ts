import { BadRequest, Unprocessable } from "@effect-clerk/core/InvitationError"
import { Fault } from "@effect-clerk/http"
import { Effect } from "effect"
import * as assert from "./assert.js"
import { duplicate, errorFields, userExists } from "./errors.js"
import { ada, day, encode, encodeAll, failure, ids, withoutRetry } from "./fixtures.js"
import * as Suite from "./suite.js"

export const ensure = Suite.make((test) => {
  test("creates an invitation if the address has none", ({ control, invitations }) =>
    Effect.gen(function*() {
      const created = yield* invitations.ensure({ emailAddress: ada, expiresInDays: 3, notify: false })
      assert.strictEqual(encode(created).expires_at, 3 * day - 2)
      assert.deepStrictEqual(encodeAll(yield* control.invitations), [encode(created)])
      assert.deepStrictEqual(yield* control.outbox, [])
    }))

  test(
    "returns the pending invitation unchanged, without a write",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        const [seeded] = yield* control.seed([{
          emailAddress: "Ada@Example.com",
          publicMetadata: { role: "admin" }
        }])
        assert.isTrue(seeded !== undefined)
        const ensured = yield* invitations.ensure({ emailAddress: ada, publicMetadata: { role: "guest" } })
        assert.deepStrictEqual(encode(ensured), encode(seeded))
        assert.isTrue((yield* control.calls).every(({ operation }) => operation === "list"))
        assert.deepStrictEqual(yield* control.outbox, [])
      })
  )

  test(
    "returns the pending invitation even with ignoreExisting",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        const [seeded] = yield* control.seed([{ emailAddress: ada }])
        assert.strictEqual<string | undefined>(
          (yield* invitations.ensure({ emailAddress: ada, ignoreExisting: true })).id,
          seeded?.id
        )
        assert.strictEqual((yield* control.invitations).length, 1)
      })
  )

  test("returns the same invitation every time", ({ control, invitations }) =>
    Effect.gen(function*() {
      const first = yield* invitations.ensure({ emailAddress: ada })
      const second = yield* invitations.ensure({ emailAddress: "ADA@EXAMPLE.COM" })
      assert.deepStrictEqual(encode(second), encode(first))
      assert.strictEqual((yield* control.invitations).length, 1)
    }))

  test("returns the same invitation to concurrent callers", ({ control, invitations }) =>
    Effect.gen(function*() {
      const ensured = yield* Effect.all(
        Array.from({ length: 8 }, () => invitations.ensure({ emailAddress: ada })),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(new Set(ids(ensured)).size, 1)
      assert.strictEqual((yield* control.invitations).length, 1)
      assert.strictEqual((yield* control.outbox).length, 1)
    }))

  for (const status of ["revoked", "expired"] as const) {
    test(
      `creates an invitation if the only one is ${status}`,
      ({ control, invitations }) =>
        Effect.gen(function*() {
          const [old] = yield* control.seed([{ emailAddress: ada, status }])
          const created = yield* invitations.ensure({ emailAddress: ada })
          assert.notStrictEqual<string | undefined>(created.id, old?.id)
          assert.strictEqual(created.status, "pending")
        })
    )
  }

  test(
    "ignores the invitation of a longer address that contains the requested one",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        yield* control.seed([{ emailAddress: `x${ada}` }])
        assert.strictEqual((yield* invitations.ensure({ emailAddress: ada })).emailAddress, ada)
      })
  )

  test("fails for an address that belongs to a user", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.addUser(ada)
      const error = yield* failure(invitations.ensure({ emailAddress: ada }), Unprocessable)
      assert.deepStrictEqual(errorFields(error), userExists("create"))
    }))

  test("creates an invitation if the list fails with a server error", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.failNext(Fault.Response.Status({ status: 503 }), { operation: "list" })
      const created = yield* withoutRetry(invitations.ensure({ emailAddress: ada }))
      assert.deepStrictEqual(ids(yield* control.invitations), [created.id])
    }))

  test(
    "returns the pending invitation if only the first list fails with a server error",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        const [seeded] = yield* control.seed([{ emailAddress: ada }])
        yield* control.failNext(Fault.Response.Status({ status: 503 }), { operation: "list" })
        const ensured = yield* withoutRetry(invitations.ensure({ emailAddress: ada, ignoreExisting: true }))
        assert.strictEqual<string | undefined>(ensured.id, seeded?.id)
        assert.strictEqual((yield* control.invitations).length, 1)
      })
  )

  test(
    "fails with the duplicate error if the list does not show the pending invitation",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        yield* control.freezeReads("1 minutes")
        yield* control.seed([{ emailAddress: ada }])
        const error = yield* failure(withoutRetry(invitations.ensure({ emailAddress: ada })), BadRequest)
        assert.deepStrictEqual(errorFields(error), duplicate("create", ada))
      })
  )
})
