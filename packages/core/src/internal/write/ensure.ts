import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { CreateInvitation } from "../../CreateInvitation.js"
import type { Invitation } from "../../Invitation.js"
import type { CreateError } from "../../InvitationError.js"
import { isDuplicate } from "../../InvitationError.js"
import type { InvitationsPrimitives } from "../../InvitationsPrimitives.js"
import * as Find from "../pagination/find.js"

/**
 * Returns the pending invitation of an address, or creates it. The list is read first, so that an existing invitation
 * costs no write. If another client creates one in between, the create fails as a duplicate and its invitation is
 * returned. If the list fails with a `ServerError`, the create is sent anyway: Clerk rejects a duplicate.
 *
 * Only the look-ups have a deadline here. The create has one of its own, after which it reconciles.
 */
export const ensure = (
  primitives: InvitationsPrimitives,
  request: CreateInvitation
): Effect.Effect<Invitation, CreateError> => {
  const existing = Find.firstPending(primitives, request.emailAddress)
  const guarded = primitives.create({ ...request, ignoreExisting: false })
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
