import * as HashSet from "effect/HashSet"
import * as Option from "effect/Option"
import type { Invitation, InvitationId } from "../../Invitation.js"
import type { OrderBy } from "../../ListInvitations.js"

/**
 * A cursor that tracks the last emitted row instead of an offset. Rows may be added or removed while paging, but two rows
 * that stay keep their relative order.
 *
 * While every page is sorted as `orderBy` says, the last emitted row separates emitted rows from new ones, and only the
 * rows that are equal to it are remembered. A server may sort differently, addresses above all. From the first page that
 * is not sorted, the cursor searches each page for the ids of the last few pages instead.
 */
export interface Cursor {
  readonly compare: (self: Invitation, that: Invitation) => number
  /** Whether every page until now was sorted. */
  readonly isSorted: boolean
  /** The last row emitted from a sorted page; `undefined` before the first. */
  readonly last: Invitation | undefined
  /** The ids of the emitted rows that are equal to `last`, including it; `undefined` if `last` is the only one. */
  readonly ties: HashSet.HashSet<InvitationId> | undefined
  /** How many rows the next page should repeat. */
  readonly overlap: number
  /** The ids of the last few pages. Rows are not kept, since they would outlive their page. */
  readonly recentIds: ReadonlyArray<ReadonlyArray<InvitationId>>
  /** Whether `recentIds` no longer holds all emitted ids. */
  readonly hasForgottenIds: boolean
}

// The last row, and one before it.
const minOverlap = 2

// How many pages of ids to keep when the server's sort order is unknown and only ids locate the cursor.
const maxRememberedPages = 4

const keyOf = (field: string): (invitation: Invitation) => number | string => {
  switch (field) {
    case "email_address":
      return (invitation) => invitation.emailAddress
    case "expires_at":
      return ({ expiresAt }) => Option.isSome(expiresAt) ? expiresAt.value.epochMillis : Infinity
    default:
      return (invitation) => invitation.createdAt.epochMillis
  }
}

const comparator = (orderBy: OrderBy): (self: Invitation, that: Invitation) => number => {
  const key = keyOf(orderBy.replace(/^[+-]/, ""))
  const sign = orderBy.startsWith("-") ? -1 : 1
  return (self, that) => {
    const a = key(self)
    const b = key(that)
    return a < b ? -sign : a > b ? sign : 0
  }
}

/**
 * The cursor before the first row of a list with this order.
 */
export const make = (orderBy: OrderBy): Cursor => ({
  compare: comparator(orderBy),
  isSorted: true,
  last: undefined,
  ties: undefined,
  overlap: minOverlap,
  recentIds: [],
  hasForgottenIds: false
})

const isSorted = ({ compare }: Cursor, data: ReadonlyArray<Invitation>): boolean =>
  data.every((row, index) => {
    const previous = data[index - 1]
    return previous === undefined || compare(previous, row) <= 0
  })

const countTies = ({ ties }: Cursor): number => ties === undefined ? 1 : HashSet.size(ties)

const remember = (self: Cursor, rows: ReadonlyArray<Invitation>): Cursor =>
  rows.length === 0 ? self : {
    ...self,
    recentIds: [...self.recentIds.slice(1 - maxRememberedPages), rows.map(({ id }) => id)],
    hasForgottenIds: self.hasForgottenIds || self.recentIds.length === maxRememberedPages
  }

/**
 * The result of moving a cursor over a page: its new rows, or `undefined` if the page begins after the cursor, so that
 * rows in between may be missing.
 */
export interface Advanced {
  readonly cursor: Cursor
  readonly rows: ReadonlyArray<Invitation> | undefined
}

const advanceSorted = (self: Cursor, data: ReadonlyArray<Invitation>): Advanced => {
  const rows: Array<Invitation> = []
  let { last, overlap } = self
  let ties = self.ties === undefined ? undefined : HashSet.beginMutation(self.ties)
  for (const row of data) {
    if (last !== undefined) {
      const order = self.compare(row, last)
      if (order < 0) continue
      if (order === 0) {
        ties ??= HashSet.beginMutation(HashSet.make(last.id))
        if (HashSet.has(ties, row.id)) continue
        ties = HashSet.add(ties, row.id)
      } else {
        ties = undefined
        overlap = minOverlap
      }
    }
    last = row
    rows.push(row)
  }
  const cursor = { ...self, last, overlap, ties: ties === undefined ? undefined : HashSet.endMutation(ties) }
  return { cursor: remember(cursor, rows), rows }
}

const advanceById = (self: Cursor, data: ReadonlyArray<Invitation>, offset: number): Advanced => {
  const emitted = new Set(self.recentIds.flat())
  const index = data.reduce((found, { id }, index) => emitted.has(id) ? index : found, -1)
  if (index < 0 && (offset > 0 || self.hasForgottenIds)) return { cursor: self, rows: undefined }
  const rows = data.slice(index + 1)
  return { cursor: remember(self, rows), rows }
}

/**
 * Moves the cursor over a page that was requested at `offset` with `limit`.
 */
export const advance = (
  self: Cursor,
  { data, limit, offset }: {
    readonly data: ReadonlyArray<Invitation>
    readonly offset: number
    readonly limit: number
  }
): Advanced => {
  if (!self.isSorted || !isSorted(self, data)) return advanceById({ ...self, isSorted: false }, data, offset)
  if (offset === 0) return advanceSorted(self, data)
  const first = data[0]
  const { last, ties } = self
  if (first === undefined || last === undefined) return { cursor: self, rows: undefined }
  const order = self.compare(first, last)
  if (order < 0) return advanceSorted(self, data)
  if (order > 0) return { cursor: self, rows: undefined }
  // Equal rows may change places between two pages. The page may leave one out, unless it begins before all rows that
  // are equal to `last`, or these fill half of a page.
  const rowsToRepeat = countTies(self) + 1
  const cursor = { ...self, overlap: Math.max(self.overlap, rowsToRepeat) }
  const isEmitted = ties === undefined ? first.id === last.id : HashSet.has(ties, first.id)
  return isEmitted && rowsToRepeat >= limit / 2 ? advanceSorted(cursor, data) : { cursor, rows: undefined }
}

/**
 * How many rows a page of `limit` rows should repeat to prove that no row before it is missing.
 */
export const overlap = (self: Cursor, limit: number): number => Math.min(self.overlap, Math.floor(limit / 2))

/**
 * Whether the last row of a sorted page comes before the cursor.
 */
export const endsBefore = (self: Cursor, data: ReadonlyArray<Invitation>): boolean => {
  const end = data[data.length - 1]
  return self.isSorted && self.last !== undefined && end !== undefined && self.compare(end, self.last) < 0
}
