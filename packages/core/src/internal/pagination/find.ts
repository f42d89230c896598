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
 * The rows that a query may mean. The default listing leaves revoked ones out, so they are asked for as well, and last:
 * an invitation that is revoked between the two is seen twice rather than never.
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
 * Looks first, so that the common case costs no write. Whoever is quicker in between makes the create fail as a duplicate:
 * then theirs is the one. A look that a server error spoils is no reason to give up: the server's own check for
 * duplicates then guards the create.
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
