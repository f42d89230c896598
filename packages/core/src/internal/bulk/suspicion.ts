import type { Common } from "./refusal.js"

/**
 * Whether the refusals of a job are about the whole instance. A refused batch that names no address raises the suspicion;
 * single creates that are refused alike prove it, and a create that succeeds clears it.
 */
export interface Suspicion {
  /** True until it is proven or cleared: then only single creates are worth sending. */
  readonly isRaised: () => boolean
  /** Records a refusal of `size` items. Returns true if it proves that every other request would be refused too. */
  readonly refused: (common: Common, size: number) => boolean
  /** Records a success, or a refusal that is about an address. */
  readonly clear: () => void
}

export const make = (): Suspicion => {
  let state: { readonly key: string; readonly batches: number; readonly singles: number } | undefined
  return {
    isRaised: () => state !== undefined && state.batches > 0,
    refused: ({ key, refusals }, size) => {
      const { batches, singles } = state?.key === key ? state : { batches: 0, singles: 0 }
      state = size === 1 ? { key, batches, singles: singles + 1 } : { key, batches: batches + 1, singles }
      return state.batches > 0 && state.singles >= refusals
    },
    clear: () => {
      state = undefined
    }
  }
}
