import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Invitation } from "../../Invitation.js"
import type { ListError } from "../../InvitationError.js"
import { UnexpectedResponse } from "../../InvitationError.js"
import type { InvitationsPrimitives } from "../../InvitationsPrimitives.js"
import type { StreamInvitations } from "../../ListInvitations.js"
import { maxLimit } from "../../ListInvitations.js"
import * as NextPage from "./nextPage.js"
import * as Prefetch from "./prefetch.js"

type Step = readonly [rows: Chunk.Chunk<Invitation>, state: Option.Option<NextPage.State>]

const toStep = (next: NextPage.Next): Effect.Effect<Step, UnexpectedResponse> => {
  switch (next._tag) {
    case "Emit":
      return Effect.succeed([Chunk.unsafeFromArray(next.rows), Option.some(next.state)])
    case "Rewind":
    case "Refetch":
      return Effect.succeed([Chunk.empty(), Option.some(next.state)])
    case "Done":
      return Effect.succeed([Chunk.unsafeFromArray(next.rows), Option.none()])
    case "Fail":
      return Effect.fail(
        new UnexpectedResponse({
          operation: "list",
          status: 200,
          reason: next.reason,
          excerpt: "",
          traceId: Option.none()
        })
      )
  }
}

/**
 * Streams all rows of a list that may change meanwhile. A row that matches throughout is emitted exactly once, and no row
 * is emitted twice. Memory is bounded by the pages in flight.
 *
 * Each page overlaps the previous one. If the overlap is missing because rows were removed, paging rewinds. Pages are
 * prefetched at their expected offsets and fetched again if the offset has shifted.
 *
 * A page of pending invitations may have rows that were accepted or have expired meanwhile. They are not emitted.
 */
export const paginate = (
  list: InvitationsPrimitives["list"],
  { concurrency = 4, orderBy = "-created_at", pageSize = maxLimit, query, status }: StreamInvitations
): Stream.Stream<Invitation, ListError> =>
  Stream.unwrapScoped(Effect.map(Effect.scope, (scope) => {
    const fetchPage = Prefetch.make(
      (offset, limit) => list({ status, query, orderBy, limit, offset }),
      concurrency,
      scope
    )
    const rows = Stream.paginateChunkEffect(
      NextPage.start(orderBy, pageSize),
      (state) => Effect.flatMap(fetchPage(state), (page) => toStep(NextPage.next(state, page)))
    )
    return status === undefined ? rows : Stream.filter(rows, (row) => row.status === status)
  }))
