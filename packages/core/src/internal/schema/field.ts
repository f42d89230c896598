import * as Schema from "effect/Schema"

/**
 * Annotates a field with the message "must be …". The default messages of Schema quote the value, which may be an address
 * or metadata.
 */
export const mustBe = (be: string) => ({ message: () => ({ message: `must be ${be}`, override: true }) })

/**
 * Annotates a struct or an array with the message "must be …". The messages of its fields and items take precedence, since
 * they name the path.
 */
export const structMustBe = (be: string) => ({ message: () => `must be ${be}` })

/**
 * The end of the message "must be …" for a status.
 */
export const status = "\"pending\", \"accepted\", \"revoked\" or \"expired\""

/**
 * The end of the message "must be …" for metadata of any size.
 */
export const metadataForm = "a plain JSON object (no dates, functions, NaN or cycles; at most 100 levels deep)"

/**
 * The end of the message "must be …" for the metadata of an invitation.
 */
export const metadata =
  "a plain JSON object (no dates, functions, NaN or cycles; at most 100 levels deep and 8 KB of JSON)"

/**
 * A field that the caller may omit or set to `undefined`.
 */
export const optional = <A, I>(schema: Schema.Schema<A, I>, be: string) =>
  Schema.optionalWith(Schema.UndefinedOr(schema).annotations(mustBe(be)), { exact: true })
