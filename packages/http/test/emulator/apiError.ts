import { assert } from "@effect/vitest"
import { Schema } from "effect"
import type * as emulator from "../utils/emulator.js"

/** The body of a response, parsed. */
export const json = (response: emulator.RawResponse): unknown => JSON.parse(response.text)

const Errors = Schema.Struct({
  errors: Schema.Tuple(Schema.Struct({
    code: Schema.NonEmptyString,
    message: Schema.NonEmptyString,
    long_message: Schema.NonEmptyString,
    meta: Schema.optionalWith(
      Schema.Struct({
        param_name: Schema.optional(Schema.String),
        resets_in: Schema.optional(Schema.Number),
        email_addresses: Schema.optional(Schema.Array(Schema.String))
      }),
      { exact: true }
    )
  })),
  clerk_trace_id: Schema.String.pipe(Schema.pattern(/^trace_\w+$/))
})

/** Decodes the body of an error; another field is an error. */
export const decodeErrors = Schema.decodeUnknownSync(Errors, { onExcessProperty: "error" })

/** The status, and the code and meta of the only error in the body. */
export const apiError = (response: emulator.RawResponse) => {
  assert.strictEqual(response.headers["content-type"], "application/json")
  const { errors: [error] } = decodeErrors(json(response))
  return { status: response.status, code: error.code, meta: error.meta ?? {} }
}
