import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Order from "effect/Order"
import * as Stream from "effect/Stream"
import type { CreateInvitation } from "../../CreateInvitation.js"
import * as EmailAddress from "../../EmailAddress.js"
import type { Invitation, InvitationId } from "../../Invitation.js"
import type { CreateError, ListError } from "../../InvitationError.js"
import { isDuplicate } from "../../InvitationError.js"
import type { InvitationsPrimitives } from "../../InvitationsPrimitives.js"
import { paginate } from "./paginate.js"

type List = InvitationsPrimitives["list"]

/**
 * Streams the invitations of every status that match a query. Clerk lists revoked invitations only on request. They are
 * listed last, so one revoked between the two lists is emitted twice rather than missed.
 */
const everyStatus = (list: List, query: string): Stream.Stream<Invitation, ListError> =>
  Stream.concat(paginate(list, { query }), paginate(list, { query, status: "revoked" }))

export const byId = (list: List, id: InvitationId): Effect.Effect<Option.Option<Invitation>, ListError> =>
  everyStatus(list, id).pipe(
    Stream.filter((invitation) => invitation.id === id),
    Stream.runHead
  )

const newestFirst = Order.reverse(Order.mapInput(DateTime.Order, (invitation: Invitation) => invitation.createdAt))

export const byEmail = (list: List, emailAddress: string): Effect.Effect<ReadonlyArray<Invitation>, ListError> =>
  everyStatus(list, emailAddress).pipe(
    Stream.filter((invitation) => EmailAddress.equals(invitation.emailAddress, emailAddress)),
    Stream.runFold(new Map<InvitationId, Invitation>(), (found, invitation) => found.set(invitation.id, invitation)),
    Effect.map((found) => Array.from(found.values()).sort(newestFirst))
  )

const pending = (list: List, emailAddress: string): Effect.Effect<Option.Option<Invitation>, ListError> =>
  paginate(list, { query: emailAddress, status: "pending" }).pipe(
    Stream.filter((invitation) => EmailAddress.equals(invitation.emailAddress, emailAddress)),
    Stream.runHead
  )

/**
 * Returns the pending invitation of an address, or creates it. The list is read first, so that an existing invitation
 * costs no write. If another client creates one in between, the create fails as a duplicate and its invitation is
 * returned. If the list fails with a `ServerError`, the create is sent anyway: Clerk rejects a duplicate.
 */
export const ensure = (
  { create, list }: InvitationsPrimitives,
  request: CreateInvitation
): Effect.Effect<Invitation, CreateError> => {
  const existing = pending(list, request.emailAddress)
  const guarded = create({ ...request, ignoreExisting: false })
  return existing.pipe(
    Effect.map(Option.match({ onSome: Effect.succeed, onNone: () => guarded })),
    Effect.catchTag("ServerError", () => Effect.succeed(guarded)),
    Effect.flatten,
    Effect.catchIf(isDuplicate, (duplicate) =>
      existing.pipe(
        Effect.catchTag("ServerError", () => Effect.fail(duplicate)),
        Effect.flatMap(Option.match({ onSome: Effect.succeed, onNone: () => Effect.fail(duplicate) }))
      ))
  )
}
