import * as Effect from "effect/Effect"
import type { Invitation, InvitationId } from "../../Invitation.js"
import { isAlreadyAccepted, isAlreadyRevoked } from "../../InvitationError.js"

// The invitation is not pending any more, so it does not stand in the way of another.
const isGone = (error: { readonly _tag: string }): boolean =>
  isAlreadyRevoked(error) || isAlreadyAccepted(error) || error._tag === "NotFound"

/**
 * Revokes the pending invitations of an address, one after the other, so that another can replace them. Runs `onRevoked` after
 * each. An invitation that is not pending any more counts as done. Fails at the first other error.
 */
export const revokeExisting = <E extends { readonly _tag: string }>(
  existing: ReadonlyArray<Invitation>,
  revoke: (id: InvitationId) => Effect.Effect<unknown, E>,
  onRevoked: (id: InvitationId) => Effect.Effect<void>
): Effect.Effect<void, E> =>
  Effect.forEach(
    existing,
    ({ id }) =>
      // Every revoke that happened is recorded.
      Effect.uninterruptibleMask((restore) =>
        Effect.matchEffect(restore(revoke(id)), {
          onFailure: (error) => isGone(error) ? Effect.void : Effect.fail(error),
          onSuccess: () => onRevoked(id)
        })
      ),
    { discard: true }
  )
