import type { InvitationId } from "@effect-clerk/core/Invitation"
import type { LastFailure, Operation } from "@effect-clerk/core/InvitationError"
import { Timeout, TooManyRequests } from "@effect-clerk/core/InvitationError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as RetryPolicy from "../../RetryPolicy.js"
import * as Timeouts from "../../Timeouts.js"
import type { AttemptFailure } from "../client/attemptFailure.js"
import * as Telemetry from "../client/telemetry.js"
import type { Attempt } from "../client/transport.js"
import type { Limiter } from "../limiter/limiter.js"
import * as Backoff from "./backoff.js"
import type { ActiveCooldown, Cooldown } from "./cooldown.js"
import type { RetryBudget } from "./retryBudget.js"

/**
 * Why a call was given up.
 */
export interface CallFailure {
  readonly error: LastFailure
  /** Whether one of the attempts may have happened all the same. */
  readonly maybeCommitted: boolean
  /** What looking for it found. */
  readonly candidates: ReadonlyArray<InvitationId>
}

/**
 * What looking for a write of unknown fate showed: that it happened, and what came of it; that it did not happen; or nothing.
 */
export type Reconciliation<A> =
  | { readonly _tag: "Committed"; readonly value: A }
  | { readonly _tag: "NotCommitted" }
  | { readonly _tag: "NotFound" }
  | { readonly _tag: "Ambiguous"; readonly candidates: ReadonlyArray<InvitationId> }

/**
 * Looks whether a write happened, after an attempt whose fate is unknown failed, or a later one did. `last` says that there
 * will be no further attempt. Fails with what may be it where that cannot be told.
 */
export type Reconcile<A> = (
  failure: AttemptFailure,
  context: { readonly last: boolean; readonly policy: RetryPolicy.RetryPolicy }
) => Effect.Effect<Reconciliation<A>>

/**
 * A call: how to attempt it, and what to do once an attempt may have happened.
 */
export interface Call<A> {
  readonly operation: Operation
  readonly attempt: (attempt: Attempt) => Effect.Effect<A, AttemptFailure>
  /** Whether it may be sent again after an attempt whose fate is unknown. */
  readonly repeatable: boolean
  readonly reconcile?: Reconcile<A> | undefined
}

/**
 * What the calls of a layer share.
 */
export interface ClientState {
  readonly policy: RetryPolicy.RetryPolicy
  readonly timeouts: Timeouts.Timeouts
  readonly cooldown: Cooldown
  readonly retryBudget: RetryBudget
  /** None where no limits are kept on this side. */
  readonly limiter: Limiter | undefined
}

export const notFound: Reconciliation<never> = { _tag: "NotFound" }

export const notCommitted: Reconciliation<never> = { _tag: "NotCommitted" }

/**
 * Turns the value that was found into another, if it can be.
 */
export const mapFinding =
  <A, B>(f: (value: A) => Option.Option<B>) => (finding: Reconciliation<A>): Reconciliation<B> =>
    finding._tag === "Committed"
      ? Option.match(f(finding.value), { onNone: () => notFound, onSome: (value) => ({ _tag: "Committed", value }) })
      : finding

const noLook: Reconcile<never> = () => Effect.succeed(notFound)

const givenUp = (
  error: LastFailure,
  maybeCommitted: boolean,
  candidates: ReadonlyArray<InvitationId> = []
): CallFailure => ({ error, maybeCommitted, candidates })

/**
 * A call that has begun: the policy and the deadline that it is bound by, wherever it waits.
 */
export interface CallContext {
  readonly policy: RetryPolicy.RetryPolicy
  readonly deadline: Timeouts.Timeouts
  /** What time it is, in Unix milliseconds. */
  readonly now: () => number
  /** When the deadline is over, in Unix milliseconds. It moves on while the call waits for its rate limits. */
  end: number
}

/**
 * Begins a call, with the policy and the deadline of the region of code, or else those of the layer.
 */
export const start = (shared: ClientState): Effect.Effect<CallContext> =>
  Effect.clockWith((clock) =>
    Effect.withFiberRuntime((fiber) => {
      const policy = Option.getOrElse(fiber.getFiberRef(RetryPolicy.current), () => shared.policy)
      const deadline = Option.getOrElse(fiber.getFiberRef(Timeouts.current), () => shared.timeouts)
      const now = () => clock.unsafeCurrentTimeMillis()
      return Effect.succeed({ policy, deadline, now, end: now() + Duration.toMillis(deadline.total) })
    })
  )

/**
 * Why a call is given up whose deadline is over before anything was sent.
 */
export const deadlineExceeded = (
  operation: Operation,
  { deadline }: CallContext,
  maybeCommitted = false
): CallFailure => givenUp(new Timeout({ operation, limit: "total", duration: deadline.total }), maybeCommitted)

/**
 * Runs a call to its end: attempts, waits, looks and the deadline.
 */
export const run = <A>(shared: ClientState, session: CallContext, call: Call<A>): Effect.Effect<A, CallFailure> =>
  Effect.suspend(() => {
    const { operation } = call
    const { deadline, now, policy } = session
    const { limiter } = shared
    const left = () => session.end - now()
    const maxRetryAfter = Duration.toMillis(policy.maxRetryAfter)
    const look = call.reconcile ?? noLook
    let nextBackoff: Backoff.Backoff | undefined
    let resend = 0
    let maybeCommitted = false

    // Another call was asked to wait: wait as well, or give up without asking again.
    const waitForGate = (block: ActiveCooldown): Effect.Effect<void, CallFailure> => {
      const asked = block.until - now()
      const wait = asked + shared.cooldown.stagger(operation)
      if (asked > maxRetryAfter || wait >= left()) {
        return Effect.fail(givenUp(withRetryAfter(block.error, asked), maybeCommitted))
      }
      return Telemetry.recordWait(operation, { millis: wait, cause: block.error._tag, kind: "blocked" }).pipe(
        Effect.zipRight(Effect.acquireUseRelease(
          Effect.sync(() => shared.cooldown.enqueue(operation)),
          () => Effect.sleep(wait),
          () => Effect.sync(() => shared.cooldown.dequeue(operation))
        ))
      )
    }

    const nextAttempt = (): Attempt => {
      const within = Duration.millis(left())
      const { attempt, total } = deadline
      return Duration.greaterThanOrEqualTo(within, attempt)
        ? { index: resend++, limit: "attempt", duration: attempt, remaining: attempt }
        : { index: resend++, limit: "total", duration: total, remaining: within }
    }

    const attempt: Effect.Effect<A, CallFailure> = Effect.suspend(() => {
      const block = shared.cooldown.check(operation, now())
      if (block !== undefined) return Effect.zipRight(waitForGate(block), attempt)
      if (limiter === undefined) return send
      return Effect.matchEffect(limiter.admit(operation), {
        onSuccess: (waited) => {
          session.end += waited
          return send
        },
        onFailure: afterFailure
      })
    })

    const send: Effect.Effect<A, CallFailure> = Effect.suspend(() => {
      if (left() <= 0) return Effect.fail(deadlineExceeded(operation, session, maybeCommitted))
      return Effect.matchEffect(call.attempt(nextAttempt()), {
        onSuccess: (value) => {
          shared.retryBudget.deposit()
          return Effect.succeed(value)
        },
        onFailure: afterFailure
      })
    })

    // How long to wait before the next attempt; none if there is to be no further one.
    const waitAfter = (failure: AttemptFailure, asked: number): Effect.Effect<Option.Option<number>> => {
      if (
        failure.disposition === "Rejected" || (failure.disposition === "Unknown" && !call.repeatable) ||
        asked > maxRetryAfter
      ) {
        return Effect.succeedNone
      }
      nextBackoff ??= Backoff.make(policy)
      return Effect.map(
        nextBackoff(failure.error),
        Option.flatMap((chosen) => {
          const wait = asked + chosen
          return wait < left() && shared.retryBudget.withdraw() ? Option.some(wait) : Option.none()
        })
      )
    }

    const recover = (failure: AttemptFailure, last: boolean): Effect.Effect<Reconciliation<A>> =>
      Effect.suspend(() => {
        if (!maybeCommitted) return Effect.succeed(notFound)
        return (left() <= 0 ? Effect.succeed(notFound) : look(failure, { last, policy })).pipe(
          Effect.timeoutTo({
            duration: Math.max(0, left()),
            onSuccess: (finding): Reconciliation<A> => finding,
            onTimeout: () => notFound
          }),
          Effect.tap(({ _tag }) => Telemetry.recordReconciliation(_tag))
        )
      })

    const afterFailure = (failure: AttemptFailure): Effect.Effect<A, CallFailure> =>
      Effect.gen(function*() {
        maybeCommitted = maybeCommitted || failure.disposition === "Unknown"
        let asked = askedFor(failure)
        if (failure.error._tag === "TooManyRequests") {
          const pause = Math.max(asked, Duration.toMillis(shared.policy.minBackoff))
          if (limiter !== undefined && (yield* limiter.onTooManyRequests(operation, pause))) asked = 0
          else shared.cooldown.begin(operation, now(), { until: now() + pause, error: failure.error })
        }
        const wait = yield* waitAfter(failure, asked)
        const finding = yield* recover(failure, Option.isNone(wait))
        if (finding._tag === "Committed") return finding.value
        if (finding._tag === "Ambiguous") return yield* Effect.fail(givenUp(failure.error, true, finding.candidates))
        if (finding._tag === "NotCommitted") maybeCommitted = false
        if (Option.isNone(wait) || wait.value >= left()) {
          return yield* Effect.fail(givenUp(failure.error, maybeCommitted))
        }
        yield* Telemetry.recordWait(operation, { millis: wait.value, cause: failure.error._tag, kind: "retry" })
        yield* Effect.sleep(wait.value)
        return yield* attempt
      })

    return attempt
  })

const askedFor = (failure: AttemptFailure): number =>
  Duration.toMillis(Option.getOrElse(failure.retryAfter, () => Duration.zero))

const withRetryAfter = (error: LastFailure, millis: number): LastFailure =>
  error._tag === "TooManyRequests"
    ? new TooManyRequests({
      operation: error.operation,
      status: error.status,
      errors: error.errors,
      traceId: error.traceId,
      retryAfter: Option.some(Duration.millis(millis))
    })
    : error
