import type { Operation } from "@effect-clerk/core/InvitationError"
import { RateLimited } from "@effect-clerk/core/InvitationError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Telemetry from "../client/telemetry.js"
import type { Call, CallFailure } from "./call.js"
import { awaitPermit, callFailure, send } from "./call.js"
import type { CallContext, ClientState } from "./context.js"
import * as Throttle from "./throttle.js"

/**
 * Runs a call that makes one attempt: without a retry, without reconciliation and without the client-side rate limits.
 * The attempt waits for a permit until the deadline of the call. During a cooldown the call fails with `RateLimited` and
 * nothing is sent.
 */
export const run = <A>(
  state: ClientState,
  context: CallContext,
  call: Pick<Call<A>, "attempt" | "operation">
): Effect.Effect<A, CallFailure> => {
  const { operation } = call
  const withPermit = state.permits.withPermit(awaitPermit(context, operation))
  return Effect.suspend(() =>
    state.cooldown.active(operation, context.now()) === undefined
      ? withPermit(send<A, never>(state, context, call, { index: 0, claim: undefined }))
      : Effect.fail("CooldownStarted" as const)
  ).pipe(
    Effect.catchAll((failure): Effect.Effect<never, CallFailure> => {
      if (failure === "CooldownStarted") return rateLimited(state, context, operation)
      if (!("disposition" in failure)) return Effect.fail(callFailure(failure.error, false))
      return Effect.zipRight(
        Throttle.onFailure(state, context, operation, failure),
        Effect.fail(callFailure(failure.error, failure.disposition === "Unknown", failure.answered))
      )
    })
  )
}

const rateLimited = (
  { cooldown }: ClientState,
  context: CallContext,
  operation: Operation
): Effect.Effect<never, CallFailure> =>
  Effect.suspend(() => {
    const now = context.now()
    const millis = Math.max(0, (cooldown.active(operation, now)?.until ?? now) - now)
    const error = new RateLimited({ operation, reason: "maxWait", retryAfter: Option.some(Duration.millis(millis)) })
    return Effect.zipRight(
      Telemetry.recordRateLimited(operation, error.reason),
      Effect.fail(callFailure(error, false))
    )
  })
