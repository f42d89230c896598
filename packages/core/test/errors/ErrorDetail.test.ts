import { ErrorDetail } from "@effect-clerk/core"
import { assert, describe, it } from "@effect/vitest"
import { Either, Equal, Option, Schema } from "effect"
import { detail } from "./utils.js"

describe("ErrorDetail", () => {
  const decode = Schema.decodeUnknownSync(ErrorDetail)

  it("decodes Clerk's JSON", () => {
    const read = decode({
      code: "form_param_missing",
      message: "is missing",
      long_message: "email_address must be included.",
      meta: { param_name: "email_address", email_addresses: ["ada@example.com"] },
      extra: 1
    })
    assert.strictEqual(read.code, "form_param_missing")
    assert.strictEqual(read.message, "is missing")
    assert.strictEqual(read.longMessage, "email_address must be included.")
    assert.isTrue(Equal.equals(read.paramName, Option.some("email_address")))
    assert.deepStrictEqual(read.emailAddresses, ["ada@example.com"])
  })

  it.each([{ code: "conflict" }, { code: "conflict", message: null, long_message: null, meta: null }])(
    "decodes %j, which has only a code",
    (sent) => {
      const read = decode(sent)
      assert.strictEqual(read.message, "")
      assert.strictEqual(read.longMessage, "")
      assert.deepStrictEqual(read.meta, {})
      assert.isTrue(Option.isNone(read.paramName))
      assert.deepStrictEqual(read.emailAddresses, [])
    }
  )

  it.each([{}, { code: null }, { code: 1 }, { code: "x", message: 1 }, { code: "x", meta: "x" }, "conflict"])(
    "rejects %j",
    (sent) => {
      assert.isTrue(Either.isLeft(Schema.decodeUnknownEither(ErrorDetail)(sent)))
    }
  )

  it("renders only its code and its field", () => {
    const shown = detail("form_param_missing", { param_name: "notify", other: "ada@example.com" }, "m", "l")
    assert.deepStrictEqual(shown.toJSON(), { code: "form_param_missing", paramName: "notify" })
    assert.strictEqual(JSON.stringify(detail("conflict")), "{\"code\":\"conflict\"}")
    assert.include(String(shown), "form_param_missing")
  })
})
