import type { Common } from "./refusal.js"

/**
 * Whether the refusals of a job are about the whole instance. A refused batch that names no address raises the suspicion;
 * single creates that are refused alike prove it, and a single create that succeeds disproves it.
 */
export interface Suspicion {
  /** True until it is proven or disproved: then only single creates are worth sending. */
  readonly isRaised: () => boolean
  /** Records a refusal of `size` items. Returns true if it proves that every other request would be refused too. */
  readonly refused: (common: Common, size: number) => boolean
  /** Records that a single create was refused for another reason, or that a call succeeded before the suspicion was raised. */
  readonly clear: () => void
  /** Records that a single create succeeded: the refusals were about addresses, and so are later ones that are alike. */
  readonly acquit: () => void
}

// Keys contain values of fields, so their number has no bound.
const maxAcquitted = 100

export const make = (): Suspicion => {
  const acquitted = new Set<string>()
  let state: { readonly key: string; readonly batches: number; readonly singles: number } | undefined
  return {
    isRaised: () => state !== undefined && state.batches > 0,
    refused: ({ key, refusals }, size) => {
      if (acquitted.has(key)) return false
      const { batches, singles: before } = state?.key === key ? state : { batches: 0, singles: 0 }
      // Without a field, the refusals before the first batch may have been about their addresses.
      const singles = batches === 0 && refusals > 1 ? 0 : before
      state = size === 1 ? { key, batches, singles: singles + 1 } : { key, batches: batches + 1, singles }
      return state.batches > 0 && state.singles >= refusals
    },
    clear: () => {
      state = undefined
    },
    acquit: () => {
      if (acquitted.size >= maxAcquitted) acquitted.clear()
      if (state !== undefined) acquitted.add(state.key)
      state = undefined
    }
  }
}
