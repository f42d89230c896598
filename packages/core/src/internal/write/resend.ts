import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import type { CreateInvitation } from "../../CreateInvitation.js"
import type { Invitation, InvitationId } from "../../Invitation.js"
import type { CreateError, ResendError, ServerError } from "../../InvitationError.js"
import { isDuplicate, ResendIncomplete } from "../../InvitationError.js"
import type { InvitationsPrimitives } from "../../InvitationsPrimitives.js"
import * as Find from "../pagination/find.js"
import { revokeExisting } from "./revokeExisting.js"

/**
 * Revokes the pending invitations of an address, then creates another. If Clerk rejects the new one as a duplicate, the list was
 * stale or another client has invited the address meanwhile: both calls are made once more.
 *
 * The rate limit of the create is reserved before the first revoke, so that the address does not wait for it without an invitation.
 */
export const resend = (
  primitives: InvitationsPrimitives,
  request: CreateInvitation
): Effect.Effect<Invitation, ResendError> =>
  Effect.suspend(() => {
    const revoked: Array<InvitationId> = []

    const replace: Effect.Effect<Invitation, CreateError | ServerError> = Effect.gen(function*() {
      // Also those that an earlier, incomplete resend has revoked: none of them is the new invitation.
      const existing = yield* Find.byEmail(primitives, request.emailAddress)
      yield* revokeExisting(
        existing.filter(({ isPending }) => isPending),
        primitives.revoke,
        (id) => Effect.sync(() => revoked.push(id))
      )
      return yield* primitives.create(
        { ...request, ignoreExisting: false },
        { known: existing.map(({ id }) => id) }
      )
    }).pipe(primitives.withRequiredReservation?.("create") ?? identity)

    return replace.pipe(
      Effect.catchIf(isDuplicate, () => replace),
      Effect.mapError((error) =>
        Arr.isNonEmptyReadonlyArray(revoked) ? new ResendIncomplete({ revoked, error }) : error
      )
    )
  })
