import { EmailAddress } from "@effect-clerk/core/EmailAddress"
import { Option, Schema } from "effect"

/**
 * Whether a text is an address as it is.
 */
export const isAddress: (text: string) => boolean = Schema.is(EmailAddress)

/**
 * A repaired address.
 */
export interface TidyAddress {
  readonly address: string
  /** The repairs in words, in the order in which they were made. */
  readonly repairs: ReadonlyArray<string>
}

interface Repair {
  readonly name: string
  /** The text after the repair; undefined if the text does not need it. */
  readonly apply: (text: string) => string | undefined
}

const pairs = [
  "\"\"",
  "''",
  "``",
  "\u201c\u201d",
  "\u201e\u201c",
  "\u201e\u201d",
  "\u2018\u2019",
  "\u201a\u2018",
  "\u00ab\u00bb",
  "\u2039\u203a"
]
const brackets = ["()", "[]", "{}", "<>"]

const unwrap = (kinds: ReadonlyArray<string>) => (text: string): string | undefined =>
  text.length > 2 && kinds.some((pair) => text.startsWith(pair.charAt(0)) && text.endsWith(pair.charAt(1)))
    ? text.slice(1, -1)
    : undefined

const replace = (pattern: RegExp, replacement: string) => (text: string): string | undefined => {
  const replaced = text.replace(pattern, replacement)
  return replaced === text ? undefined : replaced
}

const withName = /^([^<>]*[^<>\s])\s*<([^<>]+)>$/

// A name that is another address leaves open which of the two is meant.
const removeName = (text: string): string | undefined => {
  const [, name = "", address] = withName.exec(text) ?? []
  const otherAddress = name.includes("@") && unwrapAll(name).toLowerCase() !== address?.trim().toLowerCase()
  return otherAddress ? undefined : address
}

const unwrapQuotes = unwrap(pairs)
const unwrapBrackets = unwrap(brackets)

const unwrapAll = (text: string): string => {
  const inner = unwrapQuotes(text) ?? unwrapBrackets(text)
  return inner === undefined ? text.trim() : unwrapAll(inner.trim())
}

const repairs: ReadonlyArray<Repair> = [
  { name: "invisible characters were removed", apply: replace(/[\p{Cc}\p{Cf}]/gu, "") },
  { name: "trailing punctuation was removed", apply: replace(/[\s,;.:]+$/, "") },
  { name: "quotes were removed", apply: unwrapQuotes },
  { name: "brackets were removed", apply: unwrapBrackets },
  { name: "a display name was removed", apply: removeName },
  // An address with % may be percent-encoded, so it is left as it is.
  { name: "mailto: was removed", apply: replace(/^mailto:([^?%]+)(?:\?.*)?$/is, "$1") }
]

// More repairs in turn mean that the text is not an address.
const maxRepairs = 8

/**
 * Repairs an address that has a display name, brackets, quotes, `mailto:`, punctuation or invisible characters around it. None if
 * the text is an address as it is, or the result of the repairs is not one.
 */
export const tidyAddress = (text: string): Option.Option<TidyAddress> => {
  let address = text.trim()
  if (isAddress(address)) return Option.none()
  const made: Array<string> = []
  for (let count = 0; count < maxRepairs; count++) {
    for (const { apply, name } of repairs) {
      const repaired = apply(address)?.trim()
      if (repaired === undefined || repaired === address) continue
      address = repaired
      if (!made.includes(name)) made.push(name)
      if (isAddress(address)) return Option.some({ address, repairs: made })
      break
    }
  }
  return Option.none()
}
