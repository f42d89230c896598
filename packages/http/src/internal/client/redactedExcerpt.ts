import type { Body } from "./body.js"

const isHtml = (text: string): boolean => /^\s{0,100}<(?:!doctype html|html|head|body)\b/i.test(text)

const byteCount = (text: string): string => new TextEncoder().encode(text).length.toLocaleString("en-US")

const typeOf = (value: unknown): string => value === null ? "null" : Array.isArray(value) ? "array" : typeof value

/**
 * Describes the kind and the size of an unreadable body, for example "HTML, 1,234 bytes". No part of the body is
 * quoted, because any part may be personal or secret.
 */
export const excerpt = (body: Body): string => {
  if (body._tag === "Json") return `JSON ${typeOf(body.value)}`
  if (body.text === undefined) return "not read"
  if (body.text === "") return "empty"
  return `${isHtml(body.text) ? "HTML" : "text"}, ${byteCount(body.text)} bytes`
}
