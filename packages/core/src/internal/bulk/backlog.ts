import * as Option from "effect/Option"
import * as Doubt from "./doubt.js"
import type { Item } from "./item.js"
import type { Common } from "./refusal.js"
import * as Suspicion from "./suspicion.js"

/**
 * Items to send by one call.
 */
export interface Batch {
  readonly items: ReadonlyArray<Item>
  /**
   * The other items of a batch that was refused without naming an address. If `items` are accepted, one of these is the
   * culprit.
   */
  readonly rest: ReadonlyArray<Item>
  /** Whether nothing is known about the items. */
  readonly isFresh: boolean
  /** Whether it is sent to find out whether the whole instance refuses. */
  readonly isProbe: boolean
}

/**
 * The items of a job that wait to be sent, and the choice of what to send next.
 *
 * A batch that is refused without naming an address has a culprit. It is divided: its items are sent one at a time, or half
 * of them as a batch, so that the job takes the least time under both hourly quotas. Before that, a refusal that may
 * meet every other request is probed with single creates.
 */
export interface Backlog {
  /** Appends an item. Pass `asSingle` if it is likely to be refused, since that would cost a whole batch. */
  readonly append: (item: Item, asSingle: boolean) => void
  /** Returns items to the front. */
  readonly prepend: (items: ReadonlyArray<Item>) => void
  readonly has: (position: number) => boolean
  /** Whether a bulk call has something to send. A partial batch counts only if no more items are to come. */
  readonly hasBatch: (allowPartial: boolean) => boolean
  readonly takeBatch: (allowPartial: boolean) => Batch
  /** Whether a single create has something to send. */
  readonly hasSingle: (allowPartial: boolean) => boolean
  readonly takeSingle: (allowPartial: boolean) => Batch
  /** Records that a batch was accepted. */
  readonly accepted: (batch: Batch) => void
  /** Records that a batch had another outcome than `accepted` or `refused`. */
  readonly settled: (batch: Batch) => void
  /**
   * Records that a batch was refused without naming an address. Returns true if every other request would be refused too.
   */
  readonly refused: (batch: Batch, common: Option.Option<Common>) => boolean
  /** Takes back the items of a refused batch, one of which is a culprit. */
  readonly divide: (items: ReadonlyArray<Item>) => void
  /** Records that a worker waits before it retries a call, or waits no longer. */
  readonly setWaiting: (operation: "create" | "createBulk", isWaiting: boolean) => void
}

const batchOf = (items: ReadonlyArray<Item>, fields: Partial<Batch> = {}): Batch => ({
  items,
  rest: [],
  isFresh: false,
  isProbe: false,
  ...fields
})

export const none: Batch = batchOf([])

// If this many singles wait, further likely refusals join the batches, where one response names all of them.
const maxSingles = 20

// Clerk's hourly quotas.
const createsPerHour = 100
const bulksPerHour = 25

// How likely a single create is needed for an item of a refused batch once half of the batch is sent by a bulk create.
const shareAfterHalf = 0.75

export const make = (
  { isPaced, useSingleCreates }: {
    /** Whether a rate limit paces the calls of each endpoint. */
    readonly isPaced: boolean
    readonly useSingleCreates: boolean
  }
): Backlog => {
  const fresh: Array<Item> = []
  const singles: Array<Item> = []
  const halves: Array<Batch> = []
  /** Refused batches whose first items are sent one at a time, to find out whether the whole instance refuses. */
  let probed: ReadonlyArray<ReadonlyArray<Item>> = []
  const doubt = Doubt.make({ useSingleCreates })
  const suspicion = Suspicion.make()
  let creates = 0
  let bulks = 0
  const waiting = { create: 0, createBulk: 0 }

  // The hours that the calls made and planned take under the quota of their endpoint.
  const createHours = (more: number): number => (creates + singles.length + more) / createsPerHour
  const bulkHours = (more: number): number => (bulks + halves.length + more) / bulksPerHour

  const prepend = (items: ReadonlyArray<Item>): void => {
    fresh.unshift(...items)
  }

  const sendOneByOne = (items: ReadonlyArray<Item>): void => {
    if (useSingleCreates) singles.push(...items)
    else halves.push(...items.map((item) => batchOf([item])))
  }

  // One of the items is a culprit.
  const divide = (items: ReadonlyArray<Item>): void => {
    const size = items.length
    const asSingles = Math.max(createHours(size), bulkHours(0))
    const asHalf = Math.max(createHours(size * shareAfterHalf), bulkHours(1))
    if (size <= 1 || (useSingleCreates && asSingles <= asHalf)) {
      sendOneByOne(items)
      return
    }
    const half = Math.ceil(size / 2)
    halves.push(batchOf(items.slice(0, half), { rest: items.slice(half) }))
  }

  // Once the suspicion has ended.
  const divideProbed = (): void => {
    if (suspicion.isRaised()) return
    const groups = probed
    probed = []
    for (const group of groups) divide(group)
  }

  const takeProbe = (): Batch => {
    const [first = [], ...others] = probed
    const [next, ...left] = first
    probed = left.length > 0 ? [left, ...others] : others
    const item = next ?? singles.shift()
    return item === undefined ? { ...takeFresh(1), isProbe: true } : batchOf([item], { isProbe: true })
  }

  const takeFresh = (size: number): Batch => batchOf(fresh.splice(0, size), { isFresh: true })

  // Until the suspicion is proven or cleared, only single items are worth sending.
  const isProbing = (): boolean => suspicion.isRaised() && (probed.length > 0 || singles.length > 0 || fresh.length > 0)

  const fillsBatch = (allowPartial: boolean): boolean =>
    fresh.length >= doubt.batchSize() || (allowPartial && fresh.length > 0)

  // While batches are refused, both endpoints must take the same hours. Rate limits see to that. Without them, an endpoint
  // waits until the other one has caught up.
  const isBalanced = (): boolean => isPaced || !useSingleCreates || !doubt.isRaised()

  const hasFreshBatch = (allowPartial: boolean): boolean =>
    fillsBatch(allowPartial) && (isBalanced() || waiting.create > 0 || bulkHours(0) <= createHours(0))

  // Items of a batch with an unknown outcome are sent as a batch again: if Clerk has created them, one response names all.
  const indexForSingle = (allowPartial: boolean): number => {
    const index = fresh.findIndex(({ ambiguity }) => Option.isNone(ambiguity))
    return index >= 0 || fillsBatch(allowPartial) ? index : fresh.length - 1
  }

  const hasFreshSingle = (allowPartial: boolean): boolean =>
    indexForSingle(allowPartial) >= 0 &&
    (isBalanced() || waiting.createBulk > 0 || !fillsBatch(allowPartial) || createHours(1) <= bulkHours(1))

  const count = (batch: Batch): Batch => {
    if (batch.items.length > 0) bulks++
    return batch
  }

  const countSingle = (batch: Batch): Batch => {
    if (batch.items.length > 0) creates++
    return batch
  }

  return {
    append: (item, asSingle) => {
      const queue = asSingle && useSingleCreates && singles.length < maxSingles ? singles : fresh
      queue.push(item)
    },
    prepend,
    has: (position) => fresh.some((item) => item.position === position),
    hasBatch: (allowPartial) => isProbing() ? !useSingleCreates : halves.length > 0 || hasFreshBatch(allowPartial),
    takeBatch: (allowPartial) => {
      if (isProbing()) return useSingleCreates ? none : count(takeProbe())
      const half = halves.shift()
      if (half !== undefined) return count(half)
      return hasFreshBatch(allowPartial) ? count(takeFresh(doubt.batchSize())) : none
    },
    hasSingle: (allowPartial) => isProbing() || singles.length > 0 || hasFreshSingle(allowPartial),
    takeSingle: (allowPartial) => {
      if (isProbing()) return countSingle(takeProbe())
      const item = singles.shift()
      if (item !== undefined) return countSingle(batchOf([item]))
      return hasFreshSingle(allowPartial)
        ? countSingle(batchOf(fresh.splice(indexForSingle(allowPartial), 1), { isFresh: true }))
        : none
    },
    accepted: ({ isFresh, isProbe, items, rest }) => {
      if (isFresh) doubt.record(items.length, false)
      // A call that was in flight when the suspicion was raised proves nothing.
      if (isProbe) suspicion.acquit()
      divideProbed()
      if (rest.length > 0) divide(rest)
    },
    settled: ({ isProbe, rest }) => {
      prepend(rest)
      if (isProbe) suspicion.clear()
      divideProbed()
    },
    refused: ({ isFresh, isProbe, items, rest }, common) => {
      if (isFresh) doubt.record(items.length, true)
      prepend(rest)
      const isProven = Option.isSome(common) && suspicion.refused(common.value, items.length)
      if (isProbe && Option.isNone(common)) suspicion.clear()
      divideProbed()
      return isProven
    },
    divide: (items) => {
      if (suspicion.isRaised()) probed = [...probed, items]
      else divide(items)
    },
    setWaiting: (operation, isWaiting) => {
      waiting[operation] += isWaiting ? 1 : -1
    }
  }
}
