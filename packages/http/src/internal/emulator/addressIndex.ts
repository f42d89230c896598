/**
 * Finds the rows whose address may contain a text, without a comparison of every row. An address has one `@`, so a text
 * with an `@` can only be in addresses with the same characters before it.
 */
export interface AddressIndex<Id> {
  /** Adds an address. It must be folded, as must be the text of `candidates`. */
  readonly add: (address: string, id: Id) => void
  readonly remove: (address: string, id: Id) => void
  /** The ids of all addresses that contain the text, among others, in the order of `add`. Undefined if any address may contain it. */
  readonly candidates: (text: string) => Iterable<Id> | undefined
  readonly clear: () => void
}

// The characters before the `@` that are compared.
const length = 3

// Undefined if there are fewer characters: then no longer text is in the address, and a shorter text selects nothing.
const keyOf = (text: string): string | undefined => {
  const at = text.indexOf("@")
  return at < length ? undefined : text.slice(at - length, at)
}

export const make = <Id>(): AddressIndex<Id> => {
  const byKey = new Map<string, Set<Id>>()
  return {
    add: (address, id) => {
      const key = keyOf(address)
      if (key === undefined) return
      const ids = byKey.get(key)
      if (ids === undefined) byKey.set(key, new Set([id]))
      else ids.add(id)
    },
    remove: (address, id) => {
      const key = keyOf(address)
      if (key !== undefined) byKey.get(key)?.delete(id)
    },
    candidates: (text) => {
      const key = keyOf(text)
      return key === undefined ? undefined : byKey.get(key) ?? []
    },
    clear: () => byKey.clear()
  }
}
