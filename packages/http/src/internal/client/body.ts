import * as Metadata from "@effect-clerk/core/Metadata"

/**
 * The body of a response: JSON, or an unreadable body with its problem. The text is `undefined` if the body is too
 * large.
 */
export type Body =
  | { readonly _tag: "Json"; readonly value: unknown }
  | { readonly _tag: "Unreadable"; readonly text: string | undefined; readonly problem: string }

export const json = (value: unknown): Body => ({ _tag: "Json", value })

const unreadable = (text: string | undefined, problem: string): Body => ({ _tag: "Unreadable", text, problem })

/**
 * A body that was not read to its end.
 */
export const tooLarge = (maxBytes: number): Body => unreadable(undefined, `a body of more than ${maxBytes} bytes`)

/**
 * Parses the text of a body that the server sent with a content encoding, although the request does not ask for one. A
 * client over `fetch` has decoded it; the other clients have not.
 */
export const parseEncoded = (text: string, encoding: string): Body => {
  const body = parse(text)
  return body._tag === "Json"
    ? body
    // The compressed bytes are no text.
    : unreadable(undefined, `a body in the content encoding ${safeName(encoding)}, which the request does not ask for`)
}

const safeName = (encoding: string): string => /^[a-z-]{1,16}$/i.test(encoding) ? encoding : "of an unknown name"

// In characters. The scan of a page takes longer than its parse, so most bodies are not scanned.
const scannedFrom = 1_000_000
const scannedStart = 1024

const maxDepthOfStart = 64

// Twice the depth of the metadata that this client sends.
const maxDepth = 2 * Metadata.maxDepth

const isDeeperThan = (max: number, text: string, end: number): boolean => {
  let depth = 0
  let inString = false
  for (let index = 0; index < end; index++) {
    const char = text.charCodeAt(index)
    if (inString) {
      if (char === 0x5c) index++
      else if (char === 0x22) inString = false
    } else if (char === 0x22) inString = true
    else if (char === 0x5b || char === 0x7b) {
      if (++depth > max) return true
    } else if (char === 0x5d || char === 0x7d) depth--
  }
  return false
}

// `JSON.parse` takes 10 seconds for 30 MB of "[".
const isTooDeep = (text: string): boolean =>
  (text.length > scannedFrom || isDeeperThan(maxDepthOfStart, text, Math.min(scannedStart, text.length))) &&
  isDeeperThan(maxDepth, text, text.length)

export const parse = (text: string): Body => {
  if (isTooDeep(text)) return unreadable(text, "a body that is nested too deep")
  try {
    return json(JSON.parse(text))
  } catch {
    return unreadable(text, "a body that is not JSON")
  }
}
