import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import type { InvitationId } from "@effect-clerk/core/Invitation"
import type { WriteError } from "@effect-clerk/core/InvitationError"
import { AmbiguousWrite } from "@effect-clerk/core/InvitationError"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { CallFailure } from "../call/call.js"

interface Attempted {
  readonly requests?: ReadonlyArray<CreateInvitation>
  readonly id?: InvitationId
}

/**
 * What a write fails with: the error itself if it is certain that nothing happened.
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
