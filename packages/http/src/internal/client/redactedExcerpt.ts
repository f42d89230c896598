import * as Predicate from "effect/Predicate"

const maxLength = 200

// The patterns take time that grows with the square of the length.
const looksAt = 4000
const redacts = 2000

const title = /<title[^>]*>([^<]*)<\/title>/i

// What stands in quotes is data; an address, a link or a long token may be personal or secret.
const redact = (text: string): string =>
  text
    .replace(/"(?:[^"\\]|\\.)*(?:"|$)/g, "\"…\"")
    .replace(/\S*(?:@|:\/\/|%40|&#(?:64|x40);|&commat;)\S*/gi, "…")
    .replace(/[\w.-]{24,}/g, "…")
    .replace(/\d{5,}/g, "…")
    .replace(/\s+/g, " ")
    .trim()

const keysOf = (value: object): string =>
  Object.keys(value).map((key) => /^[a-z_]{1,32}$/.test(key) ? key : "…").join(", ")

const shape = (value: unknown): string => {
  if (value === null) return "null"
  if (Array.isArray(value)) return `an array of ${value.length}`
  return Predicate.isRecord(value) ? `an object with the fields { ${keysOf(value)} }` : `a ${typeof value}`
}

/**
 * What a body that cannot be used looks like, for people who look for the reason. It never quotes data: of JSON it shows the
 * shape, of a page the title, of other text the words outside of quotes.
 */
export const excerpt = (text: string, json: unknown): string => {
  const described = json !== undefined
    ? shape(json)
    : redact((title.exec(text.slice(0, looksAt))?.[1] ?? text).slice(0, redacts))
  return described.length > maxLength ? `${described.slice(0, maxLength - 1)}…` : described
}
