import { ErrorDetail } from "@effect-clerk/core/ErrorDetail"
import { ReceivedMetadata } from "@effect-clerk/core/Metadata"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

const text = Schema.optionalWith(Schema.String, { default: () => "", nullable: true })

// The path of a field, as in `ErrorDetail`. Text of another form could be personal or secret.
const fieldPath = /^(?:\[\d{1,3}\]\.)?[a-z_]{1,32}(?:\[\d{1,3}\]|\.[a-z_]{1,32}){0,3}$/i

const paramNameOf = (name: unknown): Option.Option<string> =>
  typeof name === "string" && fieldPath.test(name) ? Option.some(name) : Option.none()

/**
 * One entry of `errors` as Clerk sends it.
 */
export const ErrorRow = Schema.transform(
  Schema.Struct({
    code: Schema.String,
    message: text,
    longMessage: text.pipe(Schema.fromKey("long_message")),
    meta: Schema.optionalWith(ReceivedMetadata, { default: () => ({}), nullable: true })
  }),
  Schema.typeSchema(ErrorDetail),
  {
    strict: true,
    decode: (fields) =>
      new ErrorDetail({ ...fields, paramName: paramNameOf(fields.meta["param_name"]) }, { disableValidation: true }),
    encode: ({ code, longMessage, message, meta }) => ({ code, message, longMessage, meta })
  }
).annotations({ identifier: "ErrorDetail" })
