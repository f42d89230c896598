import type { LastFailure } from "@effect-clerk/core/InvitationError"
import { UnexpectedResponse } from "@effect-clerk/core/InvitationError"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Reconcile, Reconciliation } from "../call/call.js"
import type { AttemptFailure } from "../client/attemptFailure.js"
import type { LookUp } from "./lookUp.js"

const unexpected = (error: LastFailure): UnexpectedResponse =>
  new UnexpectedResponse({
    operation: error.operation,
    status: "status" in error ? error.status : 0,
    reason: "no body of Clerk, and the list neither: apiUrl does not answer as Clerk does",
    excerpt: error._tag === "UnexpectedResponse" ? error.excerpt : "",
    traceId: "traceId" in error ? error.traceId : Option.none()
  })

/**
 * Adds a check of `apiUrl` to the last reconciliation of a write. If neither the last attempt nor a list request got a
 * body of Clerk, the error says that `apiUrl` does not answer as Clerk does.
 */
export const report = <A>(lookUp: LookUp, reconcile: Reconcile<A>): Reconcile<A> => (failure, options) =>
  Effect.flatMap(
    reconcile(failure, options),
    (reconciliation) =>
      reconciliation._tag === "NotFound" && failure.notClerk === true && options.last && options.policy.reconcile
        ? Effect.match(lookUp({ limit: 1 }), {
          onSuccess: () => reconciliation,
          onFailure: ({ notClerk }: AttemptFailure): Reconciliation<A> =>
            notClerk === true ? { _tag: "NotFound", error: unexpected(failure.error) } : reconciliation
        })
        : Effect.succeed(reconciliation)
  )
