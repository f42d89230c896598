import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Invitation } from "../Invitation.js"
import type { ListError } from "../InvitationError.js"
import { UnexpectedResponse } from "../InvitationError.js"
import type { InvitationsPrimitives } from "../InvitationsPrimitives.js"
import type { StreamInvitations } from "../ListInvitations.js"
import { maxLimit } from "../ListInvitations.js"

type List = InvitationsPrimitives["list"]

const contradiction = new UnexpectedResponse({
  operation: "list",
  status: 200,
  reason: "an empty page in the middle of the list",
  excerpt: "",
  traceId: Option.none()
})

/**
 * The rows of a list, page after page. A short page is not taken for the end: the total says where that is.
 */
export const walk = (
  list: List,
  { orderBy, pageSize = maxLimit, query, status }: StreamInvitations
): Stream.Stream<Invitation, ListError> =>
  Stream.paginateChunkEffect(0, (offset) =>
    Effect.flatMap(
      list({ status, query, orderBy, limit: pageSize, offset }),
      ({ data, totalCount, totalIsKnown }) => {
        const next = offset + data.length
        if (data.length === 0) {
          return totalIsKnown && next < totalCount
            ? Effect.fail(contradiction)
            : Effect.succeed([Chunk.empty<Invitation>(), Option.none<number>()] as const)
        }
        return Effect.succeed(
          [
            Chunk.unsafeFromArray(data),
            totalIsKnown && next >= totalCount ? Option.none<number>() : Option.some(next)
          ] as const
        )
      }
    ))
