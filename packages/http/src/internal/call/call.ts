import type { InvitationId } from "@effect-clerk/core/Invitation"
import type { LastFailure, Operation } from "@effect-clerk/core/InvitationError"
import { Timeout, TooManyRequests } from "@effect-clerk/core/InvitationError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as RetryPolicy from "../../RetryPolicy.js"
import * as Deadline from "../../Timeouts.js"
import type { Failure } from "../client/attemptFailure.js"
import * as telemetry from "../client/telemetry.js"
import type { Attempt } from "../client/transport.js"
import type { Limiter } from "../limiter/limiter.js"
import * as backoff from "./backoff.js"
import type { Block, Gate } from "./cooldown.js"
import type { RetryBudget } from "./retryBudget.js"

/**
 * Why a call was given up.
 */
export interface GivenUp {
  readonly error: LastFailure
  /** Whether one of the attempts may have happened all the same. */
  readonly maybeHappened: boolean
  /** What looking for it found. */
  readonly candidates: ReadonlyArray<InvitationId>
}

/**
 * What looking for a write of unknown fate showed: that it happened, and what came of it; that it did not happen; or nothing.
 */
export type Finding<A> =
  | { readonly _tag: "Happened"; readonly value: A }
  | { readonly _tag: "NotHappened" }
  | { readonly _tag: "NotFound" }
  | { readonly _tag: "Ambiguous"; readonly candidates: ReadonlyArray<InvitationId> }

/**
 * Looks whether a write happened, after an attempt whose fate is unknown failed, or a later one did. `last` says that there
 * will be no further attempt. Fails with what may be it where that cannot be told.
 */
export type Recover<A> = (
  failure: Failure,
  context: { readonly last: boolean; readonly policy: RetryPolicy.RetryPolicy }
) => Effect.Effect<Finding<A>>

/**
 * A call: how to attempt it, and what to do once an attempt may have happened.
 */
export interface Call<A> {
  readonly operation: Operation
  readonly attempt: (attempt: Attempt) => Effect.Effect<A, Failure>
  /** Whether it may be sent again after an attempt whose fate is unknown. */
  readonly repeatable: boolean
  readonly recover?: Recover<A> | undefined
}

/**
 * What the calls of a layer share.
 */
export interface Shared {
  readonly policy: RetryPolicy.RetryPolicy
  readonly deadline: Deadline.Deadline
  readonly gate: Gate
  readonly budget: RetryBudget
  /** None where no limits are kept on this side. */
  readonly limiter: Limiter | undefined
}

export const notFound: Finding<never> = { _tag: "NotFound" }

export const notHappened: Finding<never> = { _tag: "NotHappened" }

/**
 * Turns the value that was found into another, if it can be.
 */
export const mapFinding = <A, B>(f: (value: A) => Option.Option<B>) => (finding: Finding<A>): Finding<B> =>
  finding._tag === "Happened"
    ? Option.match(f(finding.value), { onNone: () => notFound, onSome: (value) => ({ _tag: "Happened", value }) })
    : finding

const noLook: Recover<never> = () => Effect.succeed(notFound)

const givenUp = (
  error: LastFailure,
  maybeHappened: boolean,
  candidates: ReadonlyArray<InvitationId> = []
): GivenUp => ({ error, maybeHappened, candidates })

/**
 * A call that has begun: the policy and the deadline that it is bound by, wherever it waits.
 */
export interface Session {
  readonly policy: RetryPolicy.RetryPolicy
  readonly deadline: Deadline.Deadline
  /** What time it is, in Unix milliseconds. */
  readonly now: () => number
  /** When the deadline is over, in Unix milliseconds. It moves on while the call waits for its rate limits. */
  end: number
}

/**
 * Begins a call, with the policy and the deadline of the region of code, or else those of the layer.
 */
export const begin = (shared: Shared): Effect.Effect<Session> =>
  Effect.clockWith((clock) =>
    Effect.withFiberRuntime((fiber) => {
      const policy = Option.getOrElse(fiber.getFiberRef(RetryPolicy.current), () => shared.policy)
      const deadline = Option.getOrElse(fiber.getFiberRef(Deadline.current), () => shared.deadline)
      const now = () => clock.unsafeCurrentTimeMillis()
      return Effect.succeed({ policy, deadline, now, end: now() + Duration.toMillis(deadline.total) })
    })
  )

/**
 * Why a call is given up whose deadline is over before anything was sent.
 */
export const outOfTime = (operation: Operation, { deadline }: Session, maybeHappened = false): GivenUp =>
  givenUp(new Timeout({ operation, limit: "total", duration: deadline.total }), maybeHappened)

/**
 * Runs a call to its end: attempts, waits, looks and the deadline.
 */
export const run = <A>(shared: Shared, session: Session, call: Call<A>): Effect.Effect<A, GivenUp> =>
  Effect.suspend(() => {
    const { operation } = call
    const { deadline, now, policy } = session
    const { limiter } = shared
    const left = () => session.end - now()
    const maxRetryAfter = Duration.toMillis(policy.maxRetryAfter)
    const look = call.recover ?? noLook
    let nextBackoff: backoff.Backoff | undefined
    let resend = 0
    let maybeHappened = false

    // Another call was asked to wait: wait as well, or give up without asking again.
    const waitForGate = (block: Block): Effect.Effect<void, GivenUp> => {
      const asked = block.until - now()
      const wait = asked + shared.gate.offset(operation)
      if (asked > maxRetryAfter || wait >= left()) {
        return Effect.fail(givenUp(withRetryAfter(block.error, asked), maybeHappened))
      }
      return telemetry.waiting(operation, { millis: wait, cause: block.error._tag, kind: "blocked" }).pipe(
        Effect.zipRight(Effect.acquireUseRelease(
          Effect.sync(() => shared.gate.enqueue(operation)),
          () => Effect.sleep(wait),
          () => Effect.sync(() => shared.gate.dequeue(operation))
        ))
      )
    }

    const nextAttempt = (): Attempt => {
      const within = Duration.millis(left())
      const { attempt, total } = deadline
      return Duration.greaterThanOrEqualTo(within, attempt)
        ? { resend: resend++, limit: "attempt", duration: attempt, within: attempt }
        : { resend: resend++, limit: "total", duration: total, within }
    }

    const attempt: Effect.Effect<A, GivenUp> = Effect.suspend(() => {
      const block = shared.gate.check(operation, now())
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

    const send: Effect.Effect<A, GivenUp> = Effect.suspend(() => {
      if (left() <= 0) return Effect.fail(outOfTime(operation, session, maybeHappened))
      return Effect.matchEffect(call.attempt(nextAttempt()), {
        onSuccess: (value) => {
          shared.budget.refund()
          return Effect.succeed(value)
        },
        onFailure: afterFailure
      })
    })

    // How long to wait before the next attempt; none if there is to be no further one.
    const waitAfter = (failure: Failure, asked: number): Effect.Effect<Option.Option<number>> => {
      if (
        failure.outcome === "Definitive" || (failure.outcome === "Unknown" && !call.repeatable) || asked > maxRetryAfter
      ) {
        return Effect.succeedNone
      }
      nextBackoff ??= backoff.make(policy)
      return Effect.map(
        nextBackoff(failure.error),
        Option.flatMap((chosen) => {
          const wait = asked + chosen
          return wait < left() && shared.budget.spend() ? Option.some(wait) : Option.none()
        })
      )
    }

    const recover = (failure: Failure, last: boolean): Effect.Effect<Finding<A>> =>
      Effect.suspend(() => {
        if (!maybeHappened) return Effect.succeed(notFound)
        return (left() <= 0 ? Effect.succeed(notFound) : look(failure, { last, policy })).pipe(
          Effect.timeoutTo({
            duration: Math.max(0, left()),
            onSuccess: (finding): Finding<A> => finding,
            onTimeout: () => notFound
          }),
          Effect.tap(({ _tag }) => telemetry.reconciled(_tag))
        )
      })

    const afterFailure = (failure: Failure): Effect.Effect<A, GivenUp> =>
      Effect.gen(function*() {
        maybeHappened = maybeHappened || failure.outcome === "Unknown"
        let asked = askedFor(failure)
        if (failure.error._tag === "TooManyRequests") {
          const pause = Math.max(asked, Duration.toMillis(shared.policy.minBackoff))
          if (limiter !== undefined && (yield* limiter.correct(operation, pause))) asked = 0
          else shared.gate.block(operation, now(), { until: now() + pause, error: failure.error })
        }
        const wait = yield* waitAfter(failure, asked)
        const finding = yield* recover(failure, Option.isNone(wait))
        if (finding._tag === "Happened") return finding.value
        if (finding._tag === "Ambiguous") return yield* Effect.fail(givenUp(failure.error, true, finding.candidates))
        if (finding._tag === "NotHappened") maybeHappened = false
        if (Option.isNone(wait) || wait.value >= left()) {
          return yield* Effect.fail(givenUp(failure.error, maybeHappened))
        }
        yield* telemetry.waiting(operation, { millis: wait.value, cause: failure.error._tag, kind: "retry" })
        yield* Effect.sleep(wait.value)
        return yield* attempt
      })

    return attempt
  })

const askedFor = (failure: Failure): number =>
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
