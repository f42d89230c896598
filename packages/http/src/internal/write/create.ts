import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import * as EmailAddress from "@effect-clerk/core/EmailAddress"
import type { Invitation, InvitationId } from "@effect-clerk/core/Invitation"
import type { CreateError } from "@effect-clerk/core/InvitationError"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as RetryPolicy from "../../RetryPolicy.js"
import * as Call from "../call/call.js"
import * as LockTimeout from "../call/lockTimeout.js"
import { recordCall } from "../client/telemetry.js"
import * as KeyedLock from "./keyedLock.js"
import type { LookUp } from "./lookUp.js"
import * as Reconciliation from "./reconcile.js"
import { writeError } from "./writeError.js"

/**
 * A create of one or of several.
 */
export interface Create<A> {
  readonly operation: "create" | "createBulk"
  readonly requests: ReadonlyArray<CreateInvitation>
  readonly attempt: Call.Call<A>["attempt"]
  readonly toInvitations: (a: A) => ReadonlyArray<Invitation>
  readonly fromInvitations: (invitations: ReadonlyArray<Invitation>) => Option.Option<A>
}

/**
 * Runs creates such that one that succeeds happened exactly once. Two for the same address take turns: otherwise, when the
 * fate of one is unknown, what the other made could be taken for its own.
 */
export const make = (shared: Call.ClientState, lookUp: LookUp) => {
  const claims = Reconciliation.makeRecentlyCreated()
  const addresses = KeyedLock.make()

  // What is listed beforehand; none where time runs out over it.
  const baseline = (session: Call.CallContext, requests: ReadonlyArray<CreateInvitation>) =>
    Effect.suspend(() =>
      Effect.timeoutTo(Reconciliation.baseline(lookUp, requests), {
        duration: Math.max(0, session.end - session.now()),
        onSuccess: (known) => known,
        onTimeout: () => Option.none()
      })
    )

  const send = <A>(
    session: Call.CallContext,
    { attempt, fromInvitations, operation, requests, toInvitations }: Create<A>
  ) => {
    const { now, policy } = session
    const guarded = requests.every((request) => request.ignoreExisting !== true)
    const reconciles = !RetryPolicy.isNone(policy)

    const after = (known: Option.Option<ReadonlySet<InvitationId>>): Effect.Effect<A, Call.CallFailure> =>
      Effect.suspend(() => {
        let sentAt = now()
        const recover: Call.Reconcile<A> = (failure, context) =>
          Effect.map(
            Reconciliation.make({ lookUp, recentlyCreated: claims, requests, known, sentAt, guarded })(
              failure,
              context
            ),
            Call.mapFinding(fromInvitations)
          )
        return Effect.map(
          Call.run(shared, session, {
            operation,
            attempt: (each) => {
              if (each.index === 0) sentAt = now()
              return attempt(each)
            },
            repeatable: guarded,
            reconcile: reconciles ? recover : undefined
          }),
          (created) => {
            claims.add(toInvitations(created), now())
            return created
          }
        )
      })

    return reconciles && !guarded ? Effect.flatMap(baseline(session, requests), after) : after(Option.none())
  }

  return <A>(create: Create<A>): Effect.Effect<A, CreateError> => {
    const { operation, requests } = create
    const keys = requests.map(({ emailAddress }) => EmailAddress.fold(emailAddress))
    return Effect.flatMap(
      Call.start(shared),
      (session) =>
        addresses.withKeys(
          keys,
          (wait) => LockTimeout.awaitLock(shared, session)(wait, () => Call.deadlineExceeded(operation, session))
        )(send(session, create))
    ).pipe(
      Effect.mapError(writeError(operation, { requests })),
      recordCall(operation)
    )
  }
}
