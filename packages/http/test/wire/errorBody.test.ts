import { ErrorDetail } from "@effect-clerk/core/ErrorDetail"
import { assert, describe, it } from "@effect/vitest"
import { Either, Equal, Option, Schema } from "effect"
import { ErrorRow } from "../../src/internal/wire/errorBody.js"

describe("ErrorRow", () => {
  const decode = Schema.decodeUnknownSync(ErrorRow)

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
      assert.isTrue(Either.isLeft(Schema.decodeUnknownEither(ErrorRow)(sent)))
    }
  )

  it("has no paramName if the name could be personal data", () => {
    assert.isTrue(Option.isNone(decode({ code: "x", meta: { param_name: "ada@example.com" } }).paramName))
    assert.isTrue(Option.isNone(decode({ code: "x", meta: { param_name: 7 } }).paramName))
  })

  it("keeps every key of meta", () => {
    const meta: unknown = JSON.parse("{\"__proto__\":{\"a\":1},\"constructor\":2}")
    const read = decode({ code: "x", message: "", meta })
    assert.instanceOf(read, ErrorDetail)
    assert.strictEqual(JSON.stringify(read.meta), JSON.stringify(meta))
    assert.strictEqual(JSON.stringify(Schema.encodeSync(ErrorRow)(read).meta), JSON.stringify(meta))
  })
})
