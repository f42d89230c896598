import * as Effect from "effect/Effect"
import { constFalse, constVoid } from "effect/Function"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { type Invitation, type InvitationId, knownStatus } from "../../Invitation.js"
import type { ListError } from "../../InvitationError.js"
import type { InvitationsPrimitives } from "../../InvitationsPrimitives.js"
import { maxLimit } from "../../ListInvitations.js"
import * as Find from "../pagination/find.js"
import { pagesOf, startingWith } from "../pagination/firstPage.js"
import { paginate } from "../pagination/paginate.js"

type List = InvitationsPrimitives["list"]

/**
 * The invitations whose changes are emitted.
 */
export interface Target {
  /** Reads their present state. */
  readonly rows: Stream.Stream<Invitation, ListError>
  /**
   * Says that the present state of an invitation was emitted, by this stream or before its cursor. If no later state matters,
   * it is not read again.
   */
  readonly emitted: (invitation: Invitation) => void
  /** Whether the status is another one than that of the state emitted last. `false` if the target does not remember it. */
  readonly differs: (invitation: Invitation) => boolean
  /** Whether no later state of any invitation matters. */
  readonly isDone: () => boolean
}

/**
 * Whether an invitation can no longer be accepted. A status that Clerk adds later is not final.
 */
export const isFinal = (invitation: Invitation): boolean =>
  Option.exists(knownStatus(invitation), (status) => status !== "pending")

/**
 * The invitations that match a query, or all of them.
 */
export const byQuery = (list: List, query: string | undefined): Target => ({
  rows: Find.everyStatus(list, query),
  emitted: constVoid,
  differs: constFalse,
  isDone: constFalse
})

// The order has few equal rows, so pages repeat few of them.
const pending = { status: "pending", orderBy: "email_address" } as const

const lookUpConcurrency = 8

const lookUp = (list: List, ids: Iterable<InvitationId>): Stream.Stream<Invitation, ListError> =>
  Stream.fromIterable(ids).pipe(
    Stream.mapEffect((id) => Find.byId({ list }, id), { concurrency: lookUpConcurrency, unordered: true }),
    Stream.filterMap((found) => found)
  )

/**
 * The invitations with these ids, each until its final state was emitted.
 *
 * One page of the pending invitations tells how many there are. If all pages are at most as many as the ids, they are read, and only
 * the ids that are not among them are looked up one by one. Otherwise every id is looked up.
 */
export const byIds = (list: List, ids: Iterable<InvitationId>): Target => {
  const open = new Set(ids)
  // A change of an open id is found by its status, however late it becomes visible.
  const lastStatus = new Map<InvitationId, string>()

  const fromPending = (pages: Stream.Stream<Invitation, ListError>) =>
    Stream.suspend(() => {
      const missing = new Set(open)
      return pages.pipe(
        Stream.filter(({ id }) => missing.delete(id)),
        Stream.concat(Stream.suspend(() => lookUp(list, missing)))
      )
    })

  return {
    rows: Stream.suspend(() =>
      open.size <= 1
        ? lookUp(list, open)
        : Stream.unwrap(
          Effect.map(list({ ...pending, limit: maxLimit, offset: 0 }), (first) =>
            pagesOf(first) <= open.size
              ? fromPending(paginate(startingWith(first, list), pending))
              : lookUp(list, open))
        )
    ),
    emitted: (invitation) => {
      if (isFinal(invitation)) {
        open.delete(invitation.id)
        lastStatus.delete(invitation.id)
      } else lastStatus.set(invitation.id, invitation.status)
    },
    differs: ({ id, status }) => (lastStatus.get(id) ?? status) !== status,
    isDone: () => open.size === 0
  }
}
