import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import * as EmailAddress from "@effect-clerk/core/EmailAddress"
import type { Invitation } from "@effect-clerk/core/Invitation"
import type { CreateError } from "@effect-clerk/core/InvitationError"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as RetryPolicy from "../RetryPolicy.js"
import * as calls from "./calls.js"
import * as keyedMutex from "./keyedMutex.js"
import * as reconcile from "./reconcile.js"
import { observe } from "./telemetry.js"
import { writeError } from "./writeError.js"

/**
 * A create of one or of several.
 */
export interface Create<A> {
  readonly operation: "create" | "createBulk"
  readonly requests: ReadonlyArray<CreateInvitation>
  readonly attempt: calls.Call<A>["attempt"]
  readonly toInvitations: (a: A) => ReadonlyArray<Invitation>
  readonly fromInvitations: (invitations: ReadonlyArray<Invitation>) => Option.Option<A>
}

/**
 * Runs creates such that one that succeeds happened exactly once. Two for the same address take turns: otherwise, when the
 * fate of one is unknown, what the other made could be taken for its own.
 */
export const make = (shared: calls.Shared, lookUp: reconcile.LookUp) => {
  const claims = reconcile.makeClaims()
  const addresses = keyedMutex.make()

  // What is listed beforehand; none where time runs out over it.
  const baseline = ({ end }: calls.Session, requests: ReadonlyArray<CreateInvitation>) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.timeoutTo(reconcile.baseline(lookUp, requests), {
        duration: Math.max(0, end - now),
        onSuccess: (known) => known,
        onTimeout: () => Option.none()
      }))

  return <A>(
    { attempt, fromInvitations, operation, requests, toInvitations }: Create<A>
  ): Effect.Effect<A, CreateError> =>
    Effect.flatMap(calls.begin(shared), (session) =>
      Effect.gen(function*() {
        const guarded = requests.every((request) => request.ignoreExisting !== true)
        const reconciles = !RetryPolicy.isNone(session.policy)
        const known = reconciles && !guarded ? yield* baseline(session, requests) : Option.none()
        const sentAt = yield* Clock.currentTimeMillis
        const created = yield* calls.run(shared, session, {
          operation,
          attempt,
          repeatable: guarded,
          recover: reconciles
            ? (failure, context) =>
              Effect.map(
                reconcile.make({ lookUp, claims, requests, known, sentAt, guarded })(failure, context),
                calls.mapFinding(fromInvitations)
              )
            : undefined
        })
        claims.add(toInvitations(created), yield* Clock.currentTimeMillis)
        return created
      }).pipe(
        addresses.withKeys(
          requests.map(({ emailAddress }) => EmailAddress.fold(emailAddress)),
          (wait) =>
            Effect.flatMap(Clock.currentTimeMillis, (now) =>
              Effect.timeoutFail(wait, {
                duration: Math.max(0, session.end - now),
                onTimeout: () => calls.outOfTime(operation, session)
              }))
        )
      )).pipe(
        Effect.mapError(writeError(operation, { requests })),
        observe(operation)
      )
}
