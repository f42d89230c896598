/**
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Field from "./internal/schema/field.js"

/**
 * The maximum length of an e-mail address, in characters: RFC 5321 allows 254.
 *
 * @since 0.1.0
 * @category constants
 */
export const maxLength = 254

const pattern = /^[^\s@]+@[^\s@]+$/

/**
 * An e-mail address: exactly one `@` with at least one character on both sides, no white space, at most 254 characters.
 * Clerk's validation is stricter: it rejects other malformed addresses with 422 `form_param_format_invalid`.
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
 * Converts an address to lower case and to Unicode's form NFC. Two addresses are the same address if they fold to the
 * same string: a letter with an accent may be one code point or two.
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
export const fold = (address: string): string => address.toLowerCase().normalize("NFC")

/**
 * Whether two addresses are the same, ignoring case and Unicode normalization.
 *
 * @since 0.1.0
 * @category utils
 * @example
 * ```ts
 * import * as EmailAddress from "@effect-clerk/core/EmailAddress"
 *
 * EmailAddress.equals("Ada@Example.COM", "ada@example.com") // true
 * ```
 */
export const equals = (self: string, that: string): boolean => self === that || fold(self) === fold(that)
