import type { InvalidRequest, Operation } from "@effect-clerk/core/InvitationError"
import { Timeout } from "@effect-clerk/core/InvitationError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { LazyArg } from "effect/Function"
import * as Redacted from "effect/Redacted"
import type { RetryPolicy } from "../../RetryPolicy.js"
import type { Timeouts } from "../../Timeouts.js"
import * as Monotonic from "../client/monotonic.js"
import type { InvalidOption } from "../client/options.js"
import { toInvalidRequest } from "../client/options.js"
import * as Overrides from "../client/overrides.js"
import type { SecretKey } from "../client/secretKey.js"
import * as AttemptTimeout from "../client/timeout.js"
import type { Limiter } from "../limiter/limiter.js"
import type { Cooldown } from "./cooldown.js"
import type { Permits } from "./permits.js"
import type { RetryBudget } from "./retryBudget.js"

/**
 * The state that all calls of a layer share.
 */
export interface ClientState {
  readonly secretKey: SecretKey
  readonly policy: RetryPolicy
  readonly timeouts: Timeouts
  readonly cooldown: Cooldown
  readonly retryBudget: RetryBudget
  readonly permits: Permits
  /** `undefined` without client-side rate limits. */
  readonly limiter: Limiter | undefined
}

/**
 * The deadline of a call, or of a look-up that makes several calls, `timeouts.total` after its start.
 */
export interface Deadline {
  /** The time until the deadline in milliseconds, at least 0. */
  readonly remaining: () => number
  /** Postpones the deadline by `millis`, the time that a wait for rate limits took. */
  readonly extend: (millis: number) => void
}

export const startDeadline = ({ total }: Timeouts, now: () => number): Deadline => {
  let deadline = now() + Duration.toMillis(total)
  return {
    remaining: () => Math.max(0, deadline - now()),
    extend: (millis) => {
      deadline += millis
    }
  }
}

/**
 * A call in progress: its secret key, its retry policy and its deadline.
 */
export interface CallContext extends Deadline {
  readonly secretKey: Redacted.Redacted
  readonly policy: RetryPolicy
  readonly timeouts: Timeouts
  /** The current time of the monotonic clock, in milliseconds. */
  readonly now: () => number
  /** The current time by both clocks. */
  readonly moment: () => Monotonic.Moment
}

/**
 * Starts a call. The overrides of the region of code are merged over the retry policy and the timeouts of the layer.
 * Fails if an override is invalid, if the key is invalid, or if the deadline ends before the key is read.
 */
export const start = (
  state: ClientState,
  operation: Operation
): Effect.Effect<CallContext, InvalidRequest | Timeout> =>
  Effect.withFiberRuntime((fiber) => {
    const clock = Monotonic.clockOf(fiber)
    const overrides = fiber.getFiberRef(Overrides.current)
    const fail = (invalid: InvalidOption) => Effect.fail(toInvalidRequest(operation, invalid))
    if (overrides.invalid !== undefined) return fail(overrides.invalid)
    const policy = overrides.retry(state.policy)
    const timeouts = overrides.timeouts(state.timeouts)
    const now = () => Monotonic.unsafeMillis(clock)
    const deadline = startDeadline(timeouts, now)
    const withKey = (secretKey: Redacted.Redacted): CallContext => ({
      secretKey,
      policy,
      timeouts,
      now,
      moment: () => Monotonic.unsafeMoment(clock),
      ...deadline
    })
    // Without a timer if the key is known, because a timer would make every call slower.
    if (Redacted.isRedacted(state.secretKey)) return Effect.succeed(withKey(state.secretKey))
    return Effect.catchAll(state.secretKey, fail).pipe(
      Effect.timeoutFail({
        duration: timeouts.total,
        onTimeout: () => deadlineExceeded(operation, timeouts)
      }),
      Effect.map(withKey)
    )
  })

/**
 * Interrupts an effect at the deadline of the call, and then succeeds with `onDeadline`.
 */
export const untilDeadline =
  <B>(deadline: Deadline, onDeadline: LazyArg<B>) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A | B, E, R> =>
    Effect.suspend(() => {
      const duration = deadline.remaining()
      return duration === 0
        ? Effect.sync(onDeadline)
        : Effect.raceFirst(self, Effect.interruptible(Effect.map(AttemptTimeout.sleep(duration), onDeadline)))
    })

/**
 * The error of a call that reached its deadline before an attempt.
 */
export const deadlineExceeded = (operation: Operation, { total }: Timeouts): Timeout =>
  new Timeout({ operation, limit: "total", duration: total })
