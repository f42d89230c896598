/**
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * The maximum length of an e-mail address, in characters: RFC 5321 allows 254.
 *
 * @since 0.1.0
 * @category constants
 */
export const maxLength = 254

const pattern = /^[^@]+@[^@]+$/

// White space, control and format characters, unpaired surrogates, and the punctuation that surrounds an address in a list, a
// header or a sentence.
const refusedCharacter = /[\s\p{Cc}\p{Cf}\p{Cs}<>()[\]\\,;:"\u00ab\u00bb\u2018-\u201f]/u

// A character that a reader cannot see is written as an escape.
const nameOf = (character: string): string => {
  if (/^[\p{L}\p{P}\p{S} ]$/u.test(character)) return `"${character}"`
  const code = (character.codePointAt(0) ?? 0).toString(16)
  return code.length > 4 ? `"\\u{${code}}"` : `"\\u${code.padStart(4, "0")}"`
}

const form = `an e-mail address (name@domain, no white space, at most ${maxLength} characters)`

/**
 * The end of the message "must be …" for text that is not an address; undefined if it is one. The message names the refused
 * character and nothing else of the text.
 */
const requirementOf = (address: string): string | undefined => {
  const refused = refusedCharacter.exec(address)?.[0]
  if (address.length > maxLength) return form
  if (refused !== undefined) return `${form}: the character ${nameOf(refused)} is not allowed`
  if (!pattern.test(address)) return form
  if (address.includes("..")) return `${form}: two dots in a row are not allowed`
  if (address.endsWith(".")) return `${form}: a dot at the end is not allowed`
  if (address.startsWith("'") && address.endsWith("'")) return `${form}: quotes around it are not allowed`
  return undefined
}

/**
 * An e-mail address: exactly one `@` with at least one character on both sides, at most 254 characters. Refused as by Clerk:
 * white space, invisible characters (`\p{Cc}`, `\p{Cf}`), `<` `>` `(` `)` `[` `]` `\` `,` `;` `:` and double quotes anywhere
 * (so `<ada@example.com>` and `mailto:ada@example.com` too), quotes around the address, two dots in a row, and a dot at the
 * end. The message names the refused character, an invisible one as an escape.
 *
 * Clerk's validation is stricter: it rejects other malformed addresses with 422 `form_param_format_invalid`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const EmailAddress = Schema.String.pipe(
  Schema.filter((address) => requirementOf(address) === undefined)
).annotations({
  identifier: "EmailAddress",
  description: "an e-mail address",
  arbitrary: () => (fc) => fc.emailAddress(),
  message: ({ actual }) => ({
    message: `must be ${typeof actual === "string" ? requirementOf(actual) ?? form : form}`,
    override: true
  })
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
