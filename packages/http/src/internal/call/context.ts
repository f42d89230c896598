import type { Operation } from "@effect-clerk/core/InvitationError"
import { Timeout } from "@effect-clerk/core/InvitationError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { LazyArg } from "effect/Function"
import * as Option from "effect/Option"
import * as RetryPolicy from "../../RetryPolicy.js"
import * as Timeouts from "../../Timeouts.js"
import type { Limiter } from "../limiter/limiter.js"
import type { Cooldown } from "./cooldown.js"
import type { RetryBudget } from "./retryBudget.js"

/**
 * The state that all calls of a layer share.
 */
export interface ClientState {
  readonly policy: RetryPolicy.RetryPolicy
  readonly timeouts: Timeouts.Timeouts
  readonly cooldown: Cooldown
  readonly retryBudget: RetryBudget
  /** `undefined` without client-side rate limits. */
  readonly limiter: Limiter | undefined
}

/**
 * A call in progress: its retry policy and its deadline, `timeouts.total` after its start.
 */
export interface CallContext {
  readonly policy: RetryPolicy.RetryPolicy
  readonly timeouts: Timeouts.Timeouts
  /** The current time, in Unix milliseconds. */
  readonly now: () => number
  /** The time until the deadline in milliseconds, at least 0. */
  readonly remaining: () => number
  /** Postpones the deadline by `millis`, the time that a wait for rate limits took. */
  readonly extend: (millis: number) => void
}

/**
 * Starts a call. Its retry policy and timeouts are those of the region of code, or else those of the layer.
 */
export const start = (state: ClientState): Effect.Effect<CallContext> =>
  Effect.clockWith((clock) =>
    Effect.withFiberRuntime((fiber) => {
      const policy = Option.getOrElse(fiber.getFiberRef(RetryPolicy.current), () => state.policy)
      const timeouts = Option.getOrElse(fiber.getFiberRef(Timeouts.current), () => state.timeouts)
      const now = () => clock.unsafeCurrentTimeMillis()
      let deadline = now() + Duration.toMillis(timeouts.total)
      return Effect.succeed({
        policy,
        timeouts,
        now,
        remaining: () => Math.max(0, deadline - now()),
        extend: (millis) => {
          deadline += millis
        }
      })
    })
  )

/**
 * Interrupts an effect at the deadline of the call, and then succeeds with `onDeadline`.
 */
export const untilDeadline =
  <B>(context: CallContext, onDeadline: LazyArg<B>) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A | B, E, R> =>
    Effect.suspend(() => {
      const duration = context.remaining()
      return duration === 0
        ? Effect.sync(onDeadline)
        : Effect.timeoutTo(self, { duration, onSuccess: (value): A | B => value, onTimeout: onDeadline })
    })

/**
 * The error of a call that reached its deadline before an attempt.
 */
export const deadlineExceeded = (operation: Operation, { timeouts }: CallContext): Timeout =>
  new Timeout({ operation, limit: "total", duration: timeouts.total })
