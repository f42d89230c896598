import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import type { InvitationId } from "@effect-clerk/core/Invitation"
import type { CreateError, RevokeError } from "@effect-clerk/core/InvitationError"
import { AmbiguousWrite } from "@effect-clerk/core/InvitationError"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { CallFailure } from "../call/call.js"
import { toClientError } from "../client/clientError.js"

// The invitations to create, or the id of the invitation to revoke or delete.
interface Attempted {
  readonly requests?: ReadonlyArray<CreateInvitation>
  readonly id?: InvitationId
}

/**
 * The error of a failed create: `AmbiguousWrite` if the create may have been committed, otherwise the error of the last
 * attempt.
 */
export const createError = (
  operation: AmbiguousWrite["operation"],
  { requests = [], id }: Attempted
) =>
({ candidates, error, maybeCommitted }: CallFailure): CreateError =>
  maybeCommitted || error._tag === "ServerError"
    ? new AmbiguousWrite({
      operation,
      emailAddresses: Redacted.make(requests.map(({ emailAddress }) => emailAddress)),
      id: Option.fromNullable(id),
      candidates,
      lastFailure: error
    })
    : error

/**
 * The error of a failed revoke or delete: `AmbiguousWrite` if the write may have been committed, otherwise the error of
 * the last attempt.
 */
export const revokeError = (operation: "revoke" | "delete", id: InvitationId) => {
  const toError = createError(operation, { id })
  return (failure: CallFailure): RevokeError => {
    const error = toError(failure)
    return error._tag === "Unprocessable" ? toClientError(error) : error
  }
}
