import * as Option from "effect/Option"
import type { Invitation, InvitationId } from "../../Invitation.js"
import type { OrderBy } from "../../ListInvitations.js"

/**
 * Where a walk over a list has got to, by the rows that it has emitted rather than by their number: rows come and go while it
 * walks, but two that stay never change places.
 */
export interface Cursor {
  /**
   * The rows of a page that come after this position; the position moves on past them. None if the page begins too far
   * behind it, so that rows in between may be missing.
   */
  readonly advance: (page: {
    readonly data: ReadonlyArray<Invitation>
    readonly offset: number
    readonly limit: number
  }) => Option.Option<Array<Invitation>>
  /** How many rows a page of this many should repeat, so that it is certain that nothing before it is missing. */
  readonly overlap: (limit: number) => number
  /** Whether nothing of a page comes after this position, nor reaches up to it. */
  readonly isBefore: (data: ReadonlyArray<Invitation>) => boolean
}

type Key = number | string

const keyOf = (field: string): (invitation: Invitation) => Key => {
  switch (field) {
    case "email_address":
      return (invitation) => invitation.emailAddress
    case "expires_at":
      return (invitation) =>
        Option.match(invitation.expiresAt, { onNone: () => Infinity, onSome: (_) => _.epochMillis })
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

// The last row, and one before it.
const leastOverlap = 2

// Pages whose ids are remembered where only they tell where a walk has got to.
const maxRememberedPages = 4

/**
 * The beginning of a list that is in this order.
 *
 * As long as every page is in the order that is known here, the last row emitted says what comes after it, and only the rows
 * that are equal to it have to be remembered. A server may sort otherwise, addresses above all: then the ids of the last few
 * pages are what is looked for.
 */
export const make = (orderBy: OrderBy): Cursor => {
  const compare = comparator(orderBy)
  let ordered = true
  let last: Invitation | undefined
  let overlap = leastOverlap
  /** The rows emitted that are equal to the last one, where that is not the only one. */
  let ties: Set<InvitationId> | undefined
  /** The ids of what was emitted lately, page by page. The rows themselves would outlive their page for nothing. */
  let recent: ReadonlyArray<ReadonlyArray<InvitationId>> = []
  let forgotten = false

  const isSorted = (data: ReadonlyArray<Invitation>): boolean =>
    data.every((row, index) => {
      const previous = data[index - 1]
      return previous === undefined || compare(previous, row) <= 0
    })

  const isTied = (row: Invitation): boolean => ties === undefined ? last?.id === row.id : ties.has(row.id)

  const tied = (): number => ties?.size ?? 1

  const emit = (row: Invitation): void => {
    if (last !== undefined && compare(last, row) === 0) {
      ties ??= new Set([last.id])
      ties.add(row.id)
    } else {
      ties = undefined
      overlap = leastOverlap
    }
    last = row
  }

  const remember = (rows: Array<Invitation>): Array<Invitation> => {
    if (rows.length > 0) {
      forgotten = forgotten || recent.length === maxRememberedPages
      recent = [...recent.slice(1 - maxRememberedPages), rows.map(({ id }) => id)]
    }
    return rows
  }

  const isAfter = (row: Invitation): boolean => {
    if (last === undefined) return true
    const order = compare(row, last)
    return order > 0 || (order === 0 && !isTied(row))
  }

  // Rows that are equal may come in another order with every page, so it has to begin before all of them, where they fit.
  const overlaps = (first: Invitation, limit: number): boolean => {
    if (last === undefined) return false
    const order = compare(first, last)
    if (order !== 0) return order < 0
    overlap = Math.max(overlap, tied() + 1)
    return tied() + 1 >= limit / 2 && isTied(first)
  }

  const advanceInOrder = (data: ReadonlyArray<Invitation>): Array<Invitation> => {
    const rows: Array<Invitation> = []
    for (const row of data) {
      if (isAfter(row)) {
        emit(row)
        rows.push(row)
      }
    }
    return remember(rows)
  }

  const advanceById = (data: ReadonlyArray<Invitation>, offset: number): Option.Option<Array<Invitation>> => {
    const ids = new Set(recent.flat())
    const known = data.reduce((found, { id }, index) => ids.has(id) ? index : found, -1)
    if (known < 0 && (offset > 0 || forgotten)) return Option.none()
    return Option.some(remember(data.slice(known + 1)))
  }

  return {
    advance: ({ data, limit, offset }) => {
      ordered = ordered && isSorted(data)
      const [first] = data
      if (!ordered) return advanceById(data, offset)
      return offset === 0 || (first !== undefined && overlaps(first, limit))
        ? Option.some(advanceInOrder(data))
        : Option.none()
    },
    overlap: (limit) => Math.min(overlap, Math.floor(limit / 2)),
    isBefore: (data) => {
      const end = data[data.length - 1]
      return end !== undefined && last !== undefined && ordered && compare(end, last) < 0
    }
  }
}
