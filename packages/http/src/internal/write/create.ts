import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import * as EmailAddress from "@effect-clerk/core/EmailAddress"
import type { InvitationId } from "@effect-clerk/core/Invitation"
import type { CreateError } from "@effect-clerk/core/InvitationError"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Call from "../call/call.js"
import type { CallContext, ClientState } from "../call/context.js"
import * as Context from "../call/context.js"
import * as LockTimeout from "../call/lockTimeout.js"
import * as Check from "../client/check.js"
import type { Moment } from "../client/monotonic.js"
import { recordCall } from "../client/telemetry.js"
import * as KeyedLock from "./keyedLock.js"
import type { LookUpFor } from "./lookUp.js"
import * as NotClerk from "./notClerk.js"
import type { Created } from "./reconcile.js"
import * as Reconcile from "./reconcile.js"
import { createError } from "./writeError.js"

/**
 * A create. A single create has one request.
 */
export interface Create {
  readonly operation: "create" | "createBulk"
  readonly requests: ReadonlyArray<CreateInvitation>
  /** The invitations that the caller knows to be older. */
  readonly known: ReadonlyArray<InvitationId>
  /** Makes the attempts of a call, whose responses have to pass the check. */
  readonly attempt: (check: Check.Check<Created>) => Call.Call<Created>["attempt"]
}

// Without `ignoreExisting` the server rejects a second pending invitation, so a retry cannot create two.
const rejectsDuplicates = ({ requests }: Create): boolean =>
  requests.every(({ ignoreExisting }) => ignoreExisting !== true)

/**
 * Makes the function that runs creates. A create that succeeds was committed exactly once.
 */
export const make = (
  state: ClientState,
  lookUpFor: LookUpFor,
  recentlyCreated: Reconcile.RecentlyCreated
): (create: Create) => Effect.Effect<Created, CreateError> => {
  const addressLock = KeyedLock.make()

  // Creates for one address run one at a time: reconciliation could attribute the invitation of one to another.
  const lockAddresses = (context: CallContext, { operation, requests }: Create) =>
    addressLock.withKeys(
      requests.map(({ emailAddress }) => EmailAddress.fold(emailAddress)),
      LockTimeout.awaitLock(state, context, () => Context.deadlineExceeded(operation, context.timeouts))
    )

  const baseline = (
    context: CallContext,
    { requests }: Create
  ): Effect.Effect<Option.Option<ReadonlySet<InvitationId>>> =>
    Reconcile.baseline(lookUpFor(context), requests).pipe(Context.untilDeadline(context, () => Option.none()))

  // Another create of this layer returned them, so they are not candidates.
  const withoutRecentlyCreated = (failure: Call.CallFailure): Call.CallFailure => ({
    ...failure,
    candidates: failure.candidates.filter((id) => !recentlyCreated.has(id))
  })

  const run = (context: CallContext, create: Create, known: Option.Option<ReadonlySet<InvitationId>>) => {
    let sentAt: Moment | undefined
    const isOlder = Reconcile.isKnown({ baseline: known, recentlyCreated, known: create.known })
    const attemptCreate = create.attempt(Check.created(create.requests, isOlder))
    const lookUp = lookUpFor(context)
    const reconcile: Call.Reconcile<Created> = (failure, options) =>
      Reconcile.make({
        lookUp,
        recentlyCreated,
        requests: create.requests,
        baseline: known,
        known: create.known,
        sentAt: sentAt ?? context.moment(),
        rejectsDuplicates: rejectsDuplicates(create)
      })(failure, options)
    return Call.run(state, context, {
      operation: create.operation,
      attempt: (attempt) => {
        sentAt ??= context.moment()
        return attemptCreate(attempt)
      },
      // A retry without reconciliation could create a second invitation after the first one was accepted or revoked.
      repeatable: rejectsDuplicates(create) && context.policy.reconcile,
      reconcile: context.policy.reconcile ? NotClerk.report(lookUp, reconcile) : undefined
    })
  }

  // Only with `ignoreExisting` there can be an older pending invitation that equals the new one.
  const runWithBaseline = (context: CallContext, create: Create) =>
    rejectsDuplicates(create) || !context.policy.reconcile
      ? run(context, create, Option.none())
      : Effect.flatMap(baseline(context, create), (known) => run(context, create, known))

  return (create) =>
    Effect.flatMap(
      Context.start(state, create.operation),
      (context) =>
        Effect.matchEffect(runWithBaseline(context, create), {
          onSuccess: (created) => {
            recentlyCreated.add(created, context.now())
            return Effect.succeed(created)
          },
          onFailure: (failure) => Effect.fail(createError(create.operation, create)(withoutRecentlyCreated(failure)))
        }).pipe(lockAddresses(context, create))
    ).pipe(
      recordCall(create.operation)
    )
}
