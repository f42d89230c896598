import type { InvitationId } from "@effect-clerk/core/Invitation"
import type { LastFailure, Operation } from "@effect-clerk/core/InvitationError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { RetryPolicy } from "../../RetryPolicy.js"
import type { AttemptFailure } from "../client/attemptFailure.js"
import * as Telemetry from "../client/telemetry.js"
import type { Attempt } from "../client/transport.js"
import * as Backoff from "./backoff.js"
import type { CallContext, ClientState } from "./context.js"
import { deadlineExceeded, untilDeadline } from "./context.js"
import type { NotAttempted } from "./throttle.js"
import * as Throttle from "./throttle.js"

/**
 * How a call failed.
 */
export interface CallFailure {
  readonly error: LastFailure
  /** Whether one of the attempts may have been committed. */
  readonly maybeCommitted: boolean
  /** The invitations that reconciliation found and could not attribute to the call. */
  readonly candidates: ReadonlyArray<InvitationId>
}

export const callFailure = (
  error: LastFailure,
  maybeCommitted: boolean,
  candidates: ReadonlyArray<InvitationId> = []
): CallFailure => ({ error, maybeCommitted, candidates })

/**
 * What reconciliation knows of a write with an unknown outcome:
 *
 * - `Committed`: the write was committed, with this value.
 * - `NotCommitted`: the write was not committed.
 * - `NotFound`: nothing was found. The outcome is still unknown. `error` replaces the error of the last attempt.
 * - `Ambiguous`: invitations were found that may or may not be the result of the write.
 */
export type Reconciliation<A> =
  | { readonly _tag: "Committed"; readonly value: A }
  | { readonly _tag: "NotCommitted" }
  | { readonly _tag: "NotFound"; readonly error?: LastFailure | undefined }
  | { readonly _tag: "Ambiguous"; readonly candidates: ReadonlyArray<InvitationId> }

export const committed = <A>(value: A): Reconciliation<A> => ({ _tag: "Committed", value })

export const notCommitted: Reconciliation<never> = { _tag: "NotCommitted" }

export const notFound: Reconciliation<never> = { _tag: "NotFound" }

/**
 * Reconciles a write. Runs after every failed attempt since the first one with an unknown outcome. `failure` is that of
 * the latest attempt, and `last` is true if the call makes no further attempt.
 */
export type Reconcile<A> = (
  failure: AttemptFailure,
  options: { readonly last: boolean; readonly policy: RetryPolicy }
) => Effect.Effect<Reconciliation<A>>

/**
 * One call of the API.
 */
export interface Call<A> {
  readonly operation: Operation
  readonly attempt: (attempt: Attempt) => Effect.Effect<A, AttemptFailure>
  /** Whether a retry is safe after an attempt with an unknown outcome. */
  readonly repeatable: boolean
  /** `undefined` for a read, and for a create that the policy does not reconcile. */
  readonly reconcile?: Reconcile<A> | undefined
}

/**
 * Runs a call: attempts, waits, retries and reconciliation, until it succeeds, fails for good or reaches its deadline.
 */
export const run = <A>(state: ClientState, context: CallContext, call: Call<A>): Effect.Effect<A, CallFailure> =>
  // Outside the loop, because a generator would make every call slower (bench row "create").
  Effect.catchAll(attempt(state, context, call, 0), (failure) => retry(state, context, call, failure))

/**
 * The loop that begins once the first attempt has failed. It ends because each round uses up an attempt of the policy,
 * a step of its schedule or time until the deadline.
 */
const retry = <A>(
  state: ClientState,
  context: CallContext,
  call: Call<A>,
  firstFailure: AttemptFailure | NotAttempted
): Effect.Effect<A, CallFailure> =>
  Effect.gen(function*() {
    const backoff = Backoff.make(context.policy)
    let maybeCommitted = false
    let failure = firstFailure
    // The ids in responses that belong to another request. One may be this call's invitation with a respelled address.
    const answered = new Set<InvitationId>()
    const fail = (error: LastFailure, found: ReadonlyArray<InvitationId> = []) =>
      Effect.fail(callFailure(error, maybeCommitted, Array.from(new Set([...found, ...answered]))))
    for (let index = 1;; index++) {
      let { error } = failure
      if (!("disposition" in failure)) return yield* fail(error)
      if (failure.disposition === "Unknown") maybeCommitted = true
      for (const id of failure.answered ?? []) answered.add(id)

      const retryAfter = yield* Throttle.onFailure(state, context, call.operation, failure)
      const delay = yield* nextDelay(state, context, call, { backoff, failure, retryAfter })

      if (maybeCommitted && call.reconcile !== undefined) {
        const last = Option.isNone(delay)
        const reconciliation = yield* call.reconcile(failure, { last, policy: context.policy }).pipe(
          untilDeadline(context, () => notFound),
          Effect.tap(({ _tag }) => Telemetry.recordReconciliation(_tag))
        )
        if (reconciliation._tag === "Committed") return reconciliation.value
        if (reconciliation._tag === "Ambiguous") {
          return yield* fail(error, reconciliation.candidates)
        }
        if (reconciliation._tag === "NotCommitted") {
          maybeCommitted = false
          answered.clear()
        } else error = reconciliation.error ?? error
      }

      // Reconciliation may have used up the time that the delay needs.
      if (Option.isNone(delay) || delay.value >= context.remaining()) {
        return yield* fail(error)
      }
      yield* Telemetry.recordWait(call.operation, { millis: delay.value, cause: error._tag, kind: "retry" })
      yield* Effect.sleep(delay.value)

      const result = yield* Effect.either(attempt(state, context, call, index))
      if (Either.isRight(result)) return result.right
      failure = result.left
    }
  })

/**
 * Waits for the cooldown, the rate limits and a permit, then makes the attempt. If a cooldown has started during these
 * waits, waits again.
 */
const attempt = <A>(
  state: ClientState,
  context: CallContext,
  call: Call<A>,
  index: number
): Effect.Effect<A, AttemptFailure | NotAttempted> =>
  Effect.catchAll(
    Throttle.admit<A, AttemptFailure | NotAttempted | "CooldownStarted">(
      state,
      context,
      call.operation,
      <Expired>(claim: Effect.Effect<void, Expired> | undefined) =>
        state.permits.withPermit(awaitPermit(context, call.operation))(
          send(state, context, call, { index, claim })
        )
    ),
    (failure) => failure === "CooldownStarted" ? attempt(state, context, call, index) : Effect.fail(failure)
  )

const notAttempted = (context: CallContext, operation: Operation): NotAttempted => ({
  error: deadlineExceeded(operation, context.timeouts)
})

/**
 * Waits until a permit is acquired, until the deadline of the call.
 */
export const awaitPermit =
  (context: CallContext, operation: Operation) => (acquired: Effect.Effect<void>): Effect.Effect<void, NotAttempted> =>
    Effect.flatMap(
      untilDeadline(context, () => true)(Effect.as(acquired, false)),
      (isLate) => isLate ? Effect.fail(notAttempted(context, operation)) : Effect.void
    )

/**
 * Makes the attempt within the deadline of the call, unless a cooldown has started.
 */
export const send = <A, Expired>(
  state: ClientState,
  context: CallContext,
  call: Pick<Call<A>, "attempt" | "operation">,
  { claim, index }: { readonly index: number; readonly claim: Effect.Effect<void, Expired> | undefined }
): Effect.Effect<A, AttemptFailure | NotAttempted | "CooldownStarted" | Expired> => {
  type NotSent = NotAttempted | "CooldownStarted"
  // Runs an effect with the milliseconds until the deadline.
  const ifAllowed = <B, E>(run: (remaining: number) => Effect.Effect<B, E>) =>
    Effect.suspend((): Effect.Effect<B, E | NotSent> => {
      const remaining = context.remaining()
      if (remaining === 0) return Effect.fail(notAttempted(context, call.operation))
      return state.cooldown.active(call.operation, context.now()) === undefined
        ? run(remaining)
        : Effect.fail("CooldownStarted")
    })
  const sent = ifAllowed((remaining) => {
    const timeout = attemptTimeout(context, Duration.millis(remaining))
    return Effect.map(call.attempt({ index, secretKey: context.secretKey, ...timeout }), (value) => {
      state.retryBudget.deposit()
      return value
    })
  })
  // The claim may wait for the store of a shared limiter, so `sent` checks again.
  return claim === undefined ? sent : Effect.zipRight(ifAllowed(() => claim), sent)
}

/**
 * The timeout of an attempt: that of attempts, or what remains of the call's.
 */
const attemptTimeout = (
  { timeouts }: CallContext,
  remaining: Duration.Duration
): Pick<Attempt, "limit" | "duration" | "remaining"> =>
  Duration.lessThan(remaining, timeouts.attempt)
    ? { limit: "total", duration: timeouts.total, remaining }
    : { limit: "attempt", duration: timeouts.attempt, remaining: timeouts.attempt }

/**
 * The milliseconds to wait before the next attempt, paid for from the retry budget. `None` if the call makes no further
 * attempt.
 */
const nextDelay = (
  state: ClientState,
  context: CallContext,
  call: Call<unknown>,
  { backoff, failure: { disposition, error }, retryAfter }: {
    readonly backoff: Backoff.Backoff
    readonly failure: AttemptFailure
    readonly retryAfter: number
  }
): Effect.Effect<Option.Option<number>> => {
  const isRetryable = disposition === "NotSent" || disposition === "Throttled" ||
    (disposition === "Unknown" && call.repeatable)
  if (!isRetryable || retryAfter > Duration.toMillis(context.policy.maxRetryAfter)) return Effect.succeedNone
  return Effect.map(backoff(error), (millis) =>
    millis.pipe(
      Option.map((value) => retryAfter + value),
      Option.filter((delay) => delay < context.remaining() && state.retryBudget.withdraw())
    ))
}
