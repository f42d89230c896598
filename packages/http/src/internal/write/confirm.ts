import type { Invitation, InvitationId } from "@effect-clerk/core/Invitation"
import { DeletedInvitation } from "@effect-clerk/core/Invitation"
import { hasCode, isAlreadyAccepted, isAlreadyRevoked } from "@effect-clerk/core/InvitationError"
import { maxLimit } from "@effect-clerk/core/ListInvitations"
import * as Arr from "effect/Array"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Reconcile } from "../call/call.js"
import { committed, notCommitted, notFound } from "../call/call.js"
import type { LookUp } from "./lookUp.js"
import { poll } from "./lookUp.js"

/**
 * Reconciles a revoke. After an attempt with an unknown outcome, "already revoked" means that it was committed, and the
 * invitation is read back, unless the policy does not reconcile. "Already accepted" means that it was not, because a
 * revoked invitation cannot be accepted.
 */
export const revoked = (lookUp: LookUp, id: InvitationId): Reconcile<Invitation> => ({ error }, { policy }) => {
  if (isAlreadyAccepted(error)) return Effect.succeed(notCommitted)
  if (!isAlreadyRevoked(error) || !policy.reconcile) return Effect.succeed(notFound)
  const readBack = Effect.option(lookUp({ query: id, status: "revoked", limit: maxLimit })).pipe(
    Effect.map(Option.flatMap(({ data }) => Arr.findFirst(data, (invitation) => invitation.id === id)))
  )
  return Effect.map(
    poll(readBack, Duration.toMillis(policy.reconcileTimeout), Option.isSome),
    Option.match({ onNone: () => notFound, onSome: committed })
  )
}

/**
 * Reconciles a delete. After an attempt with an unknown outcome, Clerk's "not found" means that it was committed. A 404
 * of another server does not.
 */
export const deleted = (id: InvitationId): Reconcile<DeletedInvitation> => ({ error }) =>
  Effect.succeed(hasCode(error, "resource_not_found") ? committed(new DeletedInvitation({ id })) : notFound)
