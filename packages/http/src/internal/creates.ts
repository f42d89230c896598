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

  return <A>(
    { attempt, fromInvitations, operation, requests, toInvitations }: Create<A>
  ): Effect.Effect<A, CreateError> =>
    Effect.gen(function*() {
      const session = yield* calls.begin(shared)
      yield* Effect.timeoutFail(addresses.lock(requests.map(({ emailAddress }) => EmailAddress.fold(emailAddress))), {
        duration: session.deadline.total,
        onTimeout: () => calls.outOfTime(operation, session)
      })
      const guarded = requests.every((request) => request.ignoreExisting !== true)
      const reconciles = !RetryPolicy.isNone(session.policy)
      const known = reconciles && !guarded ? yield* reconcile.baseline(lookUp, requests) : Option.none()
      const sentAt = yield* Clock.currentTimeMillis
      const recover = reconcile.make({ lookUp, claims, requests, known, sentAt, guarded })
      const created = yield* calls.run(shared, session, {
        operation,
        attempt,
        repeatable: guarded,
        recover: reconciles
          ? (failure, context) => Effect.map(recover(failure, context), calls.mapFinding(fromInvitations))
          : undefined
      })
      claims.add(toInvitations(created), yield* Clock.currentTimeMillis)
      return created
    }).pipe(
      Effect.scoped,
      Effect.mapError(writeError(operation, { requests })),
      observe(operation)
    )
}
