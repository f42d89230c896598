import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import type { InvitationAttempts } from "@effect-clerk/core/InvitationAttempts"
import type { CreateError, Operation } from "@effect-clerk/core/InvitationError"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import type { CallFailure } from "../call/call.js"
import type { ClientState } from "../call/context.js"
import * as Context from "../call/context.js"
import { listError } from "../call/listError.js"
import * as SingleAttempt from "../call/singleAttempt.js"
import * as Check from "../client/check.js"
import type { Endpoints, Send } from "../client/endpoints.js"
import * as Monotonic from "../client/monotonic.js"
import { recordCall } from "../client/telemetry.js"
import type { Created, RecentlyCreated } from "./reconcile.js"
import { createError, revokeError } from "./writeError.js"

/**
 * Makes the calls of one attempt.
 */
export const make = (
  state: ClientState,
  endpoints: Endpoints,
  recentlyCreated: RecentlyCreated
): InvitationAttempts.Service => {
  const run = <A, E extends { readonly _tag: string }>(
    operation: Operation,
    attempt: Send<A>,
    onFailure: (failure: CallFailure) => E
  ) =>
    Effect.flatMap(
      Context.start(state, operation),
      (context) => Effect.mapError(SingleAttempt.run(state, context, { operation, attempt }), onFailure)
    ).pipe(
      recordCall(operation)
    )

  // The reconciliation of another create of this layer must not attribute the invitations to that create.
  const create = (
    operation: "create" | "createBulk",
    requests: ReadonlyArray<CreateInvitation>,
    attempt: (check: Check.Check<Created>) => Send<Created>
  ): Effect.Effect<Created, CreateError> =>
    Effect.tap(
      run(operation, attempt(Check.created(requests, recentlyCreated.has)), createError(operation, { requests })),
      (created) =>
        Effect.map(Monotonic.millis, (now) => {
          recentlyCreated.add(created, now)
        })
    )

  return {
    create: (request) =>
      Effect.map(create("create", [request], (check) => endpoints.create(request, check)), Arr.headNonEmpty),
    createBulk: (requests) => create("createBulk", requests, (check) => endpoints.createBulk(requests, check)),
    list: (params) =>
      Effect.map(
        run("list", endpoints.listing(params), listError),
        ({ data, serverTime, totalCount }) => ({ data, totalCount, serverTime })
      ),
    revoke: (id) => run("revoke", endpoints.revoke(id), revokeError("revoke", id))
  }
}
