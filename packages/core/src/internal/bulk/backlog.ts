import * as Arr from "effect/Array"
import * as Option from "effect/Option"
import * as Doubt from "./doubt.js"
import type { Item } from "./item.js"
import type { Common } from "./refusal.js"
import * as Suspicion from "./suspicion.js"

/**
 * Items that were refused together, one of which is a culprit: alone, it would be refused too.
 */
interface Group {
  readonly items: Array<Item>
}

/**
 * Items to send by one call.
 */
export interface Batch {
  readonly items: ReadonlyArray<Item>
  /** The other half of a group. If `items` are accepted, one of these is the culprit. */
  readonly rest: ReadonlyArray<Item>
  /** The group of an item that is sent alone. If the item is refused, the others of the group are not suspected any more. */
  readonly group: Group | undefined
  /** Whether nothing is known about the items. */
  readonly isFresh: boolean
  /** Whether it is sent to find out whether the whole instance refuses. */
  readonly isProbe: boolean
}

/**
 * The items of a job that wait to be sent, and the choice of what to send next.
 *
 * The items of a batch that is refused without naming an address are a group. They are sent one at a time until the culprit
 * is found. If bulk calls have nothing else to send, they send half of a group. So the job takes little time under both
 * hourly quotas. Before that, a refusal that may meet every other request is probed with single creates.
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
  group: undefined,
  isFresh: false,
  isProbe: false,
  ...fields
})

export const none: Batch = batchOf([])

// If this many singles wait, further likely refusals join the batches, where one response names all of them.
const maxSingles = 20

// For this many items, single creates take less quota than a bulk create.
const maxRepeatedSingles = 5

// This many suspects leave room for full batches of other items.
const maxSuspects = 50

// Clerk's hourly quotas.
const createsPerHour = 100
const bulksPerHour = 25

const positions = [0, 1, 0.5]

// The expected share of a group that is sent before the culprit is found.
const shareOfGroup = 0.5

export const make = (
  { isPaced, useSingleCreates }: {
    /** Whether a rate limit paces the calls of each endpoint. */
    readonly isPaced: boolean
    readonly useSingleCreates: boolean
  }
): Backlog => {
  const fresh: Array<Item> = []
  const singles: Array<Item> = []
  /** Batches with an unknown outcome. If Clerk has created one, it refuses the batch, but a mixed batch too. */
  const repeats: Array<ReadonlyArray<Item>> = []
  let groups: ReadonlyArray<Group> = []
  /** The groups whose first items are sent one at a time, to find out whether the whole instance refuses. */
  let probed: ReadonlyArray<Group> = []
  const doubt = Doubt.make({ useSingleCreates })
  const suspicion = Suspicion.make()
  const waiting = { create: 0, createBulk: 0 }
  let creates = 0
  let bulks = 0
  let probes = 0

  const suspects = (): number => groups.reduce((sum, { items }) => sum + items.length, 0)

  // The hours that the calls made, the suspects and `more` calls take under the quota of their endpoint.
  const createHours = (more: number): number =>
    (creates + singles.length + suspects() * shareOfGroup + more) / createsPerHour
  const bulkHours = (more: number): number => (bulks + more) / bulksPerHour

  const prepend = (items: ReadonlyArray<Item>): void => {
    const [plain, ambiguous] = Arr.partition(items, ({ ambiguity }) => Option.isSome(ambiguity))
    fresh.unshift(...plain)
    if (useSingleCreates && ambiguous.length <= maxRepeatedSingles) singles.unshift(...ambiguous)
    else if (ambiguous.length > 0) repeats.push(ambiguous)
  }

  const addGroup = (items: ReadonlyArray<Item>): void => {
    if (items.length > 0) groups = [...groups, { items: [...items] }]
  }

  const removeGroup = (group: Group): void => {
    groups = groups.filter((other) => other !== group)
  }

  const takeFromGroup = (group: Group): Batch => {
    const items = group.items.splice(0, 1)
    if (group.items.length === 0) removeGroup(group)
    return batchOf(items, { group })
  }

  const takeHalf = (group: Group): Batch => {
    removeGroup(group)
    const half = Math.ceil(group.items.length / 2)
    return batchOf(group.items.slice(0, half), { rest: group.items.slice(half) })
  }

  const takeFresh = (size: number): Batch => batchOf(fresh.splice(0, size), { isFresh: true })

  // Until the suspicion is proven or disproved, only single items are worth sending.
  const isProbing = (): boolean =>
    suspicion.isRaised() && (probed.length > 0 || singles.length > 0 || groups.length > 0 || fresh.length > 0)

  // The first, last and middle item in turn: neighbours in a sorted list may be refused for the same reason.
  const spread = (items: Array<Item>, turn: number): Item | undefined =>
    items.splice(Math.floor((positions[turn % 3] ?? 0) * (items.length - 1)), 1)[0]

  const takeProbe = (): Batch => {
    const group = probed[0] ?? groups[0]
    const item = group === undefined ? singles.shift() : spread(group.items, probes++)
    const isFilled = ({ items }: Group): boolean => items.length > 0
    probed = probed.filter(isFilled)
    groups = groups.filter(isFilled)
    return { ...(item === undefined ? takeFresh(1) : batchOf([item])), isProbe: true }
  }

  const endProbing = (): void => {
    if (suspicion.isRaised()) return
    groups = [...groups, ...probed]
    probed = []
  }

  // While batches are refused, both endpoints must take the same hours. Rate limits see to that. Without them, an endpoint
  // waits until the other one has caught up.
  const isBalanced = (): boolean => isPaced || !useSingleCreates || !doubt.isRaised()

  const fillsBatch = (allowPartial: boolean): boolean =>
    fresh.length >= doubt.batchSize() || (allowPartial && fresh.length > 0)

  const hasFreshBatch = (allowPartial: boolean): boolean =>
    fillsBatch(allowPartial) && (isBalanced() || waiting.create > 0 || bulkHours(0) <= createHours(0))

  const groupToHalve = (allowPartial: boolean): Group | undefined => {
    if (!useSingleCreates) return groups[0]
    const isWorthwhile = isPaced ? allowPartial || suspects() > maxSuspects : bulkHours(1) <= createHours(0)
    if (!isWorthwhile && waiting.create === 0) return undefined
    return groups.reduce<Group | undefined>(
      (largest, group) => group.items.length > (largest?.items.length ?? 1) ? group : largest,
      undefined
    )
  }

  const hasFreshSingle = (allowPartial: boolean): boolean =>
    fresh.length > 0 &&
    (isBalanced() || waiting.createBulk > 0 || !fillsBatch(allowPartial) || createHours(1) <= bulkHours(1))

  const nextBatch = (allowPartial: boolean): Batch => {
    if (isProbing()) return useSingleCreates ? none : takeProbe()
    const repeated = repeats.shift()
    if (repeated !== undefined) return batchOf(repeated)
    const group = groupToHalve(allowPartial)
    if (group !== undefined && (!useSingleCreates || !hasFreshBatch(allowPartial))) return takeHalf(group)
    return hasFreshBatch(allowPartial) ? takeFresh(doubt.batchSize()) : none
  }

  const nextSingle = (allowPartial: boolean): Batch => {
    if (isProbing()) return takeProbe()
    const item = singles.shift()
    if (item !== undefined) return batchOf([item])
    const [group] = groups
    if (group !== undefined) return takeFromGroup(group)
    return hasFreshSingle(allowPartial) ? takeFresh(1) : none
  }

  return {
    append: (item, asSingle) => {
      const queue = asSingle && useSingleCreates && singles.length < maxSingles ? singles : fresh
      queue.push(item)
    },
    prepend,
    has: (position) => fresh.some((item) => item.position === position),
    hasBatch: (allowPartial) =>
      isProbing()
        ? !useSingleCreates
        : repeats.length > 0 || hasFreshBatch(allowPartial) || groupToHalve(allowPartial) !== undefined,
    takeBatch: (allowPartial) => {
      const batch = nextBatch(allowPartial)
      if (batch.items.length > 0) bulks++
      return batch
    },
    hasSingle: (allowPartial) => isProbing() || singles.length > 0 || groups.length > 0 || hasFreshSingle(allowPartial),
    takeSingle: (allowPartial) => {
      const batch = nextSingle(allowPartial)
      if (batch.items.length > 0) creates++
      return batch
    },
    accepted: ({ isFresh, isProbe, items, rest }) => {
      if (isFresh) doubt.record(items.length, false)
      // A call that was in flight when the suspicion was raised proves nothing.
      if (isProbe) suspicion.acquit()
      else if (!suspicion.isRaised()) suspicion.clear()
      endProbing()
      addGroup(rest)
    },
    settled: ({ isProbe, rest }) => {
      prepend(rest)
      if (isProbe) suspicion.clear()
      endProbing()
    },
    refused: ({ group, isFresh, isProbe, items, rest }, common) => {
      if (isFresh) doubt.record(items.length, true)
      prepend(rest)
      if (group !== undefined && groups.includes(group)) {
        removeGroup(group)
        prepend(group.items)
      }
      const isProven = Option.isSome(common) && suspicion.refused(common.value, items.length)
      if (isProbe && Option.isNone(common)) suspicion.clear()
      endProbing()
      return isProven
    },
    divide: (items) => {
      if (suspicion.isRaised()) probed = [...probed, { items: [...items] }]
      else addGroup(items)
    },
    setWaiting: (operation, isWaiting) => {
      waiting[operation] += isWaiting ? 1 : -1
    }
  }
}
