/**
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Field from "./internal/schema/field.js"

/**
 * The longest address that is sent, in characters (RFC 5321 leaves 254 for it).
 *
 * @since 0.1.0
 * @category constants
 */
export const maxLength = 254

const pattern = /^[^\s@]+@[^\s@]+$/

/**
 * An address that is worth sending: one `@` with something on both sides, no white space, at most 254 characters.
 * Clerk checks it more closely and answers 422 `form_param_format_invalid` for what it does not like.
 *
 * @since 0.1.0
 * @category schemas
 */
export const EmailAddress = Schema.String.pipe(
  Schema.filter((address) => address.length <= maxLength && pattern.test(address))
).annotations({
  identifier: "EmailAddress",
  description: "an e-mail address",
  arbitrary: () => (fc) => fc.emailAddress(),
  ...Field.mustBe(`an e-mail address (name@domain, no white space, at most ${maxLength} characters)`)
})

/**
 * The form under which two spellings of one address are the same.
 *
 * @since 0.1.0
 * @category utils
 * @example
 * ```ts
 * import * as EmailAddress from "@effect-clerk/core/EmailAddress"
 *
 * EmailAddress.fold("Ada@Example.COM") // "ada@example.com"
 * ```
 */
export const fold = (address: string): string => address.toLowerCase()

/**
 * Whether both are the same address, whatever their case.
 *
 * @since 0.1.0
 * @category utils
 */
export const equals = (self: string, that: string): boolean => fold(self) === fold(that)
