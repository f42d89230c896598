import type { Invitation, InvitationId } from "@effect-clerk/core/Invitation"
import { DeletedInvitation } from "@effect-clerk/core/Invitation"
import { isAlreadyAccepted, isAlreadyRevoked } from "@effect-clerk/core/InvitationError"
import { maxLimit } from "@effect-clerk/core/ListInvitations"
import * as Arr from "effect/Array"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Reconcile, Reconciliation } from "../call/call.js"
import { notCommitted, notFound } from "../call/call.js"
import type { LookUp } from "./lookUp.js"
import { poll } from "./lookUp.js"

/**
 * After a revoke whose fate is unknown, "already revoked" means that it happened: the invitation is read back. "Already
 * accepted" means that it did not, since what is revoked can no longer be accepted.
 */
export const revoked = (lookUp: LookUp, id: InvitationId): Reconcile<Invitation> => ({ error }, { policy }) => {
  if (isAlreadyAccepted(error)) return Effect.succeed(notCommitted)
  if (!isAlreadyRevoked(error)) return Effect.succeed(notFound)
  const look = Effect.option(lookUp({ query: id, status: "revoked", limit: maxLimit })).pipe(
    Effect.map(Option.flatMap(({ data }) => Arr.findFirst(data, (invitation) => invitation.id === id)))
  )
  return Effect.map(
    poll(Duration.toMillis(policy.reconcileTimeout), look, Option.isSome),
    Option.match({
      onNone: (): Reconciliation<Invitation> => notFound,
      onSome: (value) => ({ _tag: "Committed", value })
    })
  )
}

/**
 * After a delete whose fate is unknown, "no such invitation" means that it happened.
 */
export const deleted = (id: InvitationId): Reconcile<DeletedInvitation> => ({ error }) =>
  Effect.succeed(
    error._tag === "NotFound" ? { _tag: "Committed", value: new DeletedInvitation({ id }) } : notFound
  )
