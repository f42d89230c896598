import * as Predicate from "effect/Predicate"
import type { Body } from "./body.js"

const maxLength = 200

// In characters. The time that the patterns take grows with the square of the length.
const maxTitleSearch = 4000
const maxRedacted = 2000

const title = /<title[^>]*>([^<]*)<\/title>/i

// Quoted text is data. An address, a link, a long token or a long number may be personal or secret.
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
 * Describes an unreadable body for an error message, without any data: the shape of JSON, the title of an HTML page,
 * and the words outside of quotes of other text.
 */
export const excerpt = (body: Body): string => {
  const described = body._tag === "Json"
    ? shape(body.value)
    : redact((title.exec(body.text.slice(0, maxTitleSearch))?.[1] ?? body.text).slice(0, maxRedacted))
  return described.length > maxLength ? `${described.slice(0, maxLength - 1)}…` : described
}
