import type * as Option from "effect/Option"
import type { CreateInvitation } from "../../CreateInvitation.js"
import type { Invitation } from "../../Invitation.js"
import type { AmbiguousWrite } from "../../InvitationError.js"
import type * as InviteOutcome from "../../InviteOutcome.js"

/**
 * A valid input that has no outcome yet.
 */
export interface Item extends InviteOutcome.Attempted {
  /** The validated input. */
  readonly request: CreateInvitation
  /** Pending invitations to revoke before the item is sent. */
  readonly existing: ReadonlyArray<Invitation>
  /** Whether `existing` has been revoked. Done once, even if another client creates an invitation meanwhile. */
  readonly existingRevoked: boolean
  /** Set when an earlier attempt has an unknown outcome and reconciliation did not find the invitation. */
  readonly ambiguity: Option.Option<AmbiguousWrite>
}

/**
 * The fields of an item that its outcome repeats.
 */
export const toAttempted = (
  { emailAddress, input, position, replaced }: InviteOutcome.Attempted
): InviteOutcome.Attempted => ({ input, position, emailAddress, replaced })
