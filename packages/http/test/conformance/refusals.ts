import { InstanceRefusalCode } from "@effect-clerk/core/ErrorDetail"
import { Forbidden } from "@effect-clerk/core/InvitationError"
import { Effect } from "effect"
import * as assert from "./assert.js"
import { ada, failure, ids } from "./fixtures.js"
import * as Suite from "./suite.js"

const statuses = {
  authorization_invalid: 403,
  dev_monthly_email_limit_exceeded: 400,
  invitations_not_supported: 400,
  quota_exceeded: 403,
  request_invalid_for_instance: 400,
  unsupported_subscription_plan_features: 402
}

export const refusals = Suite.make((test) => {
  for (const code of InstanceRefusalCode.literals) {
    test(`an instance that refuses with ${code} refuses every create, until the refusal ends`, ({ control, invitations }) =>
      Effect.gen(function*() {
        const { id } = yield* invitations.create({ emailAddress: "before@example.com" })
        yield* control.setInstanceRefusal(code)
        assert.strictEqual(yield* control.instanceRefusal, code)
        const error = yield* Effect.flip(invitations.create({ emailAddress: ada }))
        const bulkError = yield* Effect.flip(invitations.createBulk([{ emailAddress: ada }]))
        for (const refusal of [error, bulkError]) {
          if (!("errors" in refusal)) throw new Error(`unexpected ${refusal._tag}`)
          assert.strictEqual(refusal.status, statuses[code])
          assert.deepStrictEqual(refusal.errors.map((detail) => detail.code), [code])
        }
        assert.strictEqual(
          (yield* Effect.either(invitations.list()))._tag,
          code === "authorization_invalid" ? "Left" : "Right"
        )
        assert.deepStrictEqual(ids(yield* control.invitations), [id])
        yield* control.setInstanceRefusal("off")
        assert.strictEqual((yield* invitations.create({ emailAddress: ada })).status, "pending")
      }))
  }

  test(
    "the option instanceRefusal applies from the start and after a reset",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        yield* failure(invitations.create({ emailAddress: ada }), Forbidden)
        yield* control.setInstanceRefusal("off")
        yield* invitations.create({ emailAddress: ada })
        yield* control.reset
        yield* failure(invitations.create({ emailAddress: ada }), Forbidden)
      }),
    { instanceRefusal: "quota_exceeded" }
  )

  test(
    "a blocked address, or one of a blocked domain, is not allowed, and the error names it",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        const error = yield* failure(
          invitations.createBulk([
            { emailAddress: "Eve@Blocked.example" },
            { emailAddress: ada },
            { emailAddress: "mallory@example.com", ignoreExisting: true }
          ]),
          Forbidden
        )
        assert.deepStrictEqual(error.errors.map(({ code, emailAddresses, meta }) => [code, meta, emailAddresses]), [[
          "not_allowed_access",
          { identifiers: ["Eve@Blocked.example", "mallory@example.com"] },
          ["Eve@Blocked.example", "mallory@example.com"]
        ]])
        yield* failure(invitations.create({ emailAddress: "eve@blocked.example" }), Forbidden)
        assert.deepStrictEqual(yield* control.invitations, [])
        yield* control.setBlocklist([])
        assert.strictEqual((yield* invitations.create({ emailAddress: "eve@blocked.example" })).status, "pending")
        yield* control.reset
        yield* failure(invitations.create({ emailAddress: "eve@blocked.example" }), Forbidden)
      }),
    { blocklist: ["*@blocked.example", "Mallory@example.com"] }
  )
})
