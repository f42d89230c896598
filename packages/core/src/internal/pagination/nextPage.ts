import * as Data from "effect/Data"
import type { Invitation } from "../../Invitation.js"
import type { InvitationPage } from "../../InvitationPage.js"
import type { OrderBy } from "../../ListInvitations.js"
import * as Cursor from "./cursor.js"

// A page of two rows repeats one row and still brings a new one.
const minLimit = 2

// How many contradictory pages in a row to fetch again before failing.
const maxContradictions = 3

// How many pages in a row may bring no new row, in addition to the pages that a rewind to the first row takes.
const maxPagesWithoutRows = 50

/**
 * The page to fetch next, and what the pages before it have shown.
 */
export interface State {
  readonly cursor: Cursor.Cursor
  readonly offset: number
  readonly limit: number
  readonly maxLimit: number
  /** How many rows the server counts; `undefined` if it does not say. */
  readonly total: number | undefined
  /** How many rows were emitted. */
  readonly emitted: number
  /** How many pages in a row contradicted their total. */
  readonly contradictions: number
  /** How many pages in a row caused a rewind. */
  readonly rewinds: number
  /** How many pages in a row brought no new row. */
  readonly pagesWithoutRows: number
}

export const start = (orderBy: OrderBy, pageSize: number): State => {
  const limit = Math.max(minLimit, pageSize)
  return {
    cursor: Cursor.make(orderBy),
    offset: 0,
    limit,
    maxLimit: limit,
    total: undefined,
    emitted: 0,
    contradictions: 0,
    rewinds: 0,
    pagesWithoutRows: 0
  }
}

/**
 * How many rows lie between the offsets of two pages that overlap.
 */
export const stride = ({ cursor, limit }: State): number => limit - Cursor.overlap(cursor, limit)

/**
 * What follows from a page.
 */
export type Next = Data.TaggedEnum<{
  /** The page joins the one before it: emit its new rows, if any, and fetch the page after it. */
  Emit: { readonly rows: ReadonlyArray<Invitation>; readonly state: State }
  /** The page does not overlap the one before it, because rows were removed: fetch a page at an earlier offset. */
  Rewind: { readonly state: State }
  /** The page contradicts its own total, which a concurrent change can explain: fetch it again. */
  Refetch: { readonly state: State }
  /** The page is the last one: emit its new rows and end. */
  Done: { readonly rows: ReadonlyArray<Invitation> }
  /** The pages cannot be a list: fail. */
  Fail: { readonly reason: string }
}>

export const { Done, Emit, Fail, Refetch, Rewind } = Data.taggedEnum<Next>()

/**
 * Bounds the pages without a new row, so that paging terminates against any server. A rewind may go back over all
 * rows emitted, in steps that shrink to a quarter of the page size.
 */
const withoutRows = (state: State, next: (args: { readonly state: State }) => Next): Next => {
  const pagesWithoutRows = state.pagesWithoutRows + 1
  const pagesToRewind = Math.min(state.total ?? 0, 4 * state.emitted) / stride(state)
  return pagesWithoutRows > maxPagesWithoutRows + pagesToRewind
    ? Fail({ reason: "a list that changes faster than it can be followed" })
    : next({ state: { ...state, pagesWithoutRows } })
}

const refetch = (state: State, reason: string): Next => {
  const contradictions = state.contradictions + 1
  return contradictions > maxContradictions
    ? Fail({ reason })
    : withoutRows({ ...state, contradictions }, Refetch)
}

// Each rewind in a row goes back twice as far.
const rewind = (state: State, removed: number): Next => {
  const distance = Math.max(stride(state), removed + Cursor.overlap(state.cursor, state.limit))
  return withoutRows({
    ...state,
    offset: Math.max(0, state.offset - distance * 2 ** state.rewinds),
    rewinds: state.rewinds + 1
  }, Rewind)
}

const isLast = (state: State, page: InvitationPage, hasNewRows: boolean): boolean => {
  const { data, totalCount, totalIsKnown } = page
  const isFull = data.length >= state.limit
  // A full page may be followed by more rows than the server counts.
  if (totalIsKnown) return !isFull && state.offset + data.length >= totalCount
  // A server that ignores `limit` sends the whole list as every page.
  return !hasNewRows && (!isFull || (data.length > state.limit && !Cursor.endsBefore(state.cursor, data)))
}

/**
 * Decides what follows from the page that was fetched for `previous`.
 */
export const next = (previous: State, page: InvitationPage): Next => {
  const { data, totalCount, totalIsKnown } = page
  const { limit, maxLimit, offset } = previous
  const total = totalIsKnown ? totalCount : undefined

  if (totalIsKnown && data.length === 0 && offset < totalCount) {
    return refetch({ ...previous, total }, "an empty page in the middle of the list")
  }
  if (totalIsKnown && data.length > Math.max(0, totalCount - offset)) {
    return refetch({ ...previous, total }, "more rows than it counts")
  }

  const { cursor, rows } = Cursor.advance(previous.cursor, { data, offset, limit })
  if (rows === undefined) {
    return rewind({ ...previous, cursor, total }, Math.max(0, (previous.total ?? totalCount) - totalCount))
  }
  if (isLast({ ...previous, cursor }, page, rows.length > 0)) return Done({ rows })

  // If the server gives fewer rows than requested, it will do so again; if it gives as many, it may give more.
  const nextLimit = data.length >= limit ? Math.min(maxLimit, limit * 2) : Math.max(minLimit, data.length)
  const state = {
    ...previous,
    cursor,
    total,
    limit: nextLimit,
    offset: Math.max(offset + 1, offset + data.length - Cursor.overlap(cursor, nextLimit)),
    contradictions: 0
  }
  return rows.length === 0
    ? withoutRows(state, ({ state }) => Emit({ rows, state }))
    : Emit({ rows, state: { ...state, emitted: state.emitted + rows.length, rewinds: 0, pagesWithoutRows: 0 } })
}
