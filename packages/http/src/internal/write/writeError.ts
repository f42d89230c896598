import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import type { InvitationId } from "@effect-clerk/core/Invitation"
import type { WriteError } from "@effect-clerk/core/InvitationError"
import { AmbiguousWrite } from "@effect-clerk/core/InvitationError"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { CallFailure } from "../call/call.js"

/**
 * The invitations to create, or the id of the invitation to revoke or delete.
 */
export interface Attempted {
  readonly requests?: ReadonlyArray<CreateInvitation>
  readonly id?: InvitationId
}

/**
 * The error of a failed write: `AmbiguousWrite` if the write may have been committed, otherwise the error of the last
 * attempt.
 */
export const writeError = (
  operation: AmbiguousWrite["operation"],
  { requests = [], id }: Attempted
) =>
({ candidates, error, maybeCommitted }: CallFailure): WriteError =>
  maybeCommitted || error._tag === "ServerError"
    ? new AmbiguousWrite({
      operation,
      emailAddresses: Redacted.make(requests.map(({ emailAddress }) => emailAddress)),
      id: Option.fromNullable(id),
      candidates,
      lastFailure: error
    })
    : error
