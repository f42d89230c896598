import type { Operation } from "@effect-clerk/core/InvitationError"
import type { InvitationsPrimitives } from "@effect-clerk/core/InvitationsPrimitives"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Call from "../call/call.js"
import type { CallContext, ClientState } from "../call/context.js"
import * as Context from "../call/context.js"
import { listError } from "../call/listError.js"
import * as LookUpDeadline from "../call/lookUpDeadline.js"
import type { Endpoints } from "../client/endpoints.js"
import { recordCall } from "../client/telemetry.js"
import * as Confirm from "./confirm.js"
import * as Create from "./create.js"
import * as LookUp from "./lookUp.js"
import * as NotClerk from "./notClerk.js"
import type { RecentlyCreated } from "./reconcile.js"
import { revokeError } from "./writeError.js"

/**
 * Makes the primitives of the service: calls with retries, client-side rate limits and reconciliation.
 */
export const make = (
  state: ClientState,
  endpoints: Endpoints,
  recentlyCreated: RecentlyCreated
): InvitationsPrimitives => {
  const lookUpFor = LookUp.make(({ secretKey, timeouts }) => (params) =>
    endpoints.listing(params)({
      index: 0,
      secretKey,
      limit: "attempt",
      duration: timeouts.attempt,
      remaining: timeouts.attempt
    }), state)

  const create = Create.make(state, lookUpFor, recentlyCreated)

  const run = <A, E extends { readonly _tag: string }>(
    operation: Operation,
    call: (context: CallContext) => Omit<Call.Call<A>, "operation">,
    onFailure: (failure: Call.CallFailure) => E
  ) =>
    Effect.flatMap(
      Context.start(state, operation),
      (context) => Effect.mapError(Call.run(state, context, { operation, ...call(context) }), onFailure)
    ).pipe(
      recordCall(operation)
    )

  return {
    withReservation: state.limiter?.withReservation,
    withRequiredReservation: state.limiter?.withRequiredReservation,
    withDeadline: LookUpDeadline.make(state),
    create: (request, options) =>
      Effect.map(
        create({
          operation: "create",
          requests: [request],
          known: options?.known ?? [],
          attempt: (check) => endpoints.create(request, check)
        }),
        Arr.headNonEmpty
      ),
    createBulk: (requests, options) =>
      create({
        operation: "createBulk",
        requests,
        known: options?.known ?? [],
        attempt: (check) => endpoints.createBulk(requests, check)
      }),
    list: (params) => run("list", () => ({ attempt: endpoints.list(params), repeatable: true }), listError),
    revoke: (id) =>
      run("revoke", (context) => ({
        attempt: endpoints.revoke(id),
        repeatable: true,
        reconcile: NotClerk.report(lookUpFor(context), Confirm.revoked(lookUpFor(context), id))
      }), revokeError("revoke", id)),
    delete: (id) =>
      run("delete", (context) => ({
        attempt: endpoints.delete(id),
        repeatable: true,
        reconcile: NotClerk.report(lookUpFor(context), Confirm.deleted(id))
      }), revokeError("delete", id))
  }
}
