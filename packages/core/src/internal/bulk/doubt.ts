import type { BatchSize } from "../../BatchSize.js"
import { maxBulkSize } from "../../CreateInvitation.js"

// Before the first refusal, one address in fifty is expected to be refused.
const priorSent = 10
const priorRefused = 0.2

// Addresses that are remembered, so that the estimate follows a list whose parts differ.
const memory = 200

// How many single creates Clerk's quotas allow for each bulk create.
const singlesPerBatch = 4

// The time under both quotas for each address, as a multiple of that of a single create: a share of the addresses is sent
// in batches of `size`, those of refused batches and the others one at a time, so that both quotas are used up together.
const costWithSingles = (size: number, share: number): number => {
  const succeeds = (1 - share) ** size
  const batches = singlesPerBatch / size
  return batches >= 1 - succeeds ? batches / (succeeds + batches) : 1 - succeeds
}

const costOfBatches = (size: number, share: number): number => 1 / (size * (1 - share) ** size)

const sizes: ReadonlyArray<number> = Array.from({ length: maxBulkSize }, (_, index) => maxBulkSize - index)

/**
 * Estimates which share of the addresses makes Clerk refuse a batch without naming them, and chooses the size of a batch.
 */
export const make = ({ state = { sent: 0, culprits: 0 }, useSingleCreates }: BatchSize.Options): BatchSize => {
  const costOf = useSingleCreates ? costWithSingles : costOfBatches
  let { culprits, sent } = state

  const share = (): number => Math.min(0.99, (priorRefused + culprits) / (priorSent + sent))

  const best = (p: number): number => sizes.reduce((best, next) => costOf(next, p) < costOf(best, p) ? next : best)

  let size = sent === 0 ? maxBulkSize : best(share())

  return {
    isRaised: () => culprits > 0,
    record: (count, refused) => {
      // The expected number of culprits in a refused batch, which has at least one.
      if (refused) culprits += count * share() / (1 - (1 - share()) ** count)
      sent += count
      if (sent > memory) {
        sent /= 2
        culprits = culprits < 0.5 ? 0 : culprits / 2
      }
      size = best(share())
    },
    batchSize: () => size,
    state: () => ({ sent, culprits })
  }
}
