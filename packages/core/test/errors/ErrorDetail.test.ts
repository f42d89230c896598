import { ErrorDetail } from "@effect-clerk/core/ErrorDetail"
import { assert, describe, it } from "@effect/vitest"
import { Equal, Option, Schema } from "effect"
import { detail } from "./utils.js"

describe("ErrorDetail", () => {
  it("encodes only its code and its field", () => {
    const error = new ErrorDetail({
      code: "form_param_missing",
      paramName: Option.some("email_address"),
      message: "is missing",
      longMessage: "ada@example.com is missing",
      meta: { email_addresses: ["ada@example.com"] }
    })
    const encoded = Schema.encodeSync(ErrorDetail)(error)
    assert.deepStrictEqual<unknown>(encoded, { code: "form_param_missing", paramName: "email_address" })
    const read = Schema.decodeUnknownSync(ErrorDetail)(encoded)
    assert.instanceOf(read, ErrorDetail)
    assert.isTrue(Equal.equals(read.paramName, Option.some("email_address")))
    assert.deepStrictEqual([read.message, read.longMessage, read.meta], ["", "", {}])
  })

  it("knownCode is None for a code that Clerk adds later", () => {
    assert.isTrue(Equal.equals(detail("conflict").knownCode, Option.some("conflict")))
    assert.isTrue(Option.isNone(detail("something_new").knownCode))
  })

  it("renders only its code and its field", () => {
    const shown = detail("form_param_missing", { param_name: "notify", other: "ada@example.com" }, "m", "l")
    assert.deepStrictEqual(shown.toJSON(), { code: "form_param_missing", paramName: "notify" })
    assert.strictEqual(JSON.stringify(detail("conflict")), "{\"code\":\"conflict\"}")
    assert.include(String(shown), "form_param_missing")
  })
})
