import type { LastFailure, Operation } from "@effect-clerk/core/InvitationError"
import { TooManyRequests } from "@effect-clerk/core/InvitationError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { AttemptFailure } from "../client/attemptFailure.js"
import * as Telemetry from "../client/telemetry.js"
import type { CallContext, ClientState } from "./context.js"
import type { ActiveCooldown } from "./cooldown.js"

/**
 * The call has no time for another attempt. Other than an `AttemptFailure`, it has no `disposition`.
 */
export interface NotAttempted {
  readonly error: LastFailure
}

/**
 * Waits until an attempt may be sent: until the cooldown of the operation ends, then for the client-side rate limits. Then
 * runs `send`, which runs `claim` immediately before it sends the request. Without rate limits `claim` is `undefined`.
 *
 * Only the wait for the rate limits postpones the deadline.
 */
export const admit = <A, E>(
  state: ClientState,
  context: CallContext,
  operation: Operation,
  send: <Expired>(claim: Effect.Effect<void, Expired> | undefined) => Effect.Effect<A, E | Expired>
): Effect.Effect<A, E | AttemptFailure | NotAttempted> =>
  Effect.suspend((): Effect.Effect<A, E | AttemptFailure | NotAttempted> => {
    const cooldown = state.cooldown.active(operation, context.now())
    if (cooldown !== undefined) {
      // Another cooldown may have started by the time this one ends.
      return Effect.zipRight(
        awaitCooldown(state, context, operation, cooldown),
        admit<A, E>(state, context, operation, send)
      )
    }
    return state.limiter === undefined
      ? send<never>(undefined)
      : state.limiter.admit(operation, (claim, waitedMillis) => {
        context.extend(waitedMillis)
        return send(claim)
      })
  })

const awaitCooldown = (
  state: ClientState,
  context: CallContext,
  operation: Operation,
  { error, until }: ActiveCooldown
): Effect.Effect<void, NotAttempted> =>
  Effect.suspend(() => {
    const retryAfter = until - context.now()
    const millis = retryAfter + state.cooldown.stagger(operation)
    if (retryAfter > Duration.toMillis(context.policy.maxRetryAfter) || millis >= context.remaining()) {
      return Effect.fail({ error: withRetryAfter(error, retryAfter) })
    }
    return Effect.zipRight(
      Telemetry.recordWait(operation, { millis, cause: error._tag, kind: "cooldown" }),
      state.cooldown.sleep(operation, millis)
    )
  })

/**
 * Reports a failed attempt. A 429 pauses the limiter or starts the cooldown of the operation.
 *
 * Succeeds with the milliseconds that a retry has to wait in addition to its backoff: the server's `Retry-After`, or 0
 * if the limiter waits for it.
 */
export const onFailure = (
  { cooldown, limiter, policy }: ClientState,
  context: CallContext,
  operation: Operation,
  failure: AttemptFailure
): Effect.Effect<number> => {
  const { error } = failure
  const retryAfter = Duration.toMillis(Option.getOrElse(failure.retryAfter, () => Duration.zero))
  if (error._tag !== "TooManyRequests") return Effect.succeed(retryAfter)
  const pause = Math.max(retryAfter, Duration.toMillis(policy.minBackoff))
  return Effect.map(
    limiter === undefined ? Effect.succeed(false) : limiter.onTooManyRequests(operation, pause),
    (limiterPaused) => {
      if (limiterPaused) return 0
      const now = context.now()
      cooldown.start(operation, now, { until: now + pause, error })
      return retryAfter
    }
  )
}

const withRetryAfter = ({ errors, operation, status, traceId }: TooManyRequests, millis: number): TooManyRequests =>
  new TooManyRequests({ operation, status, errors, traceId, retryAfter: Option.some(Duration.millis(millis)) })
