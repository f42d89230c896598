/**
 * The body of a response: JSON, or text that is not JSON.
 */
export type Body =
  | { readonly _tag: "Json"; readonly value: unknown }
  | { readonly _tag: "Text"; readonly text: string }

export const json = (value: unknown): Body => ({ _tag: "Json", value })

export const parse = (text: string): Body => {
  try {
    return json(JSON.parse(text))
  } catch {
    return { _tag: "Text", text }
  }
}
