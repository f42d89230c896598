import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberRef from "effect/FiberRef"
import { flow, identity } from "effect/Function"
import { globalValue } from "effect/GlobalValue"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schedule from "effect/Schedule"
import type * as RetryPolicy from "../../RetryPolicy.js"
import type * as Timeouts from "../../Timeouts.js"
import type { InvalidOption, Validated } from "./options.js"
import { check, duration, isAttempts, isOptions, positiveDuration } from "./options.js"

/**
 * Replaces the fields that are set in some options, and keeps the others.
 */
export type Override<A> = (base: A) => A

/**
 * Validates the options for timeouts.
 */
export const timeouts = (options: Timeouts.Options | undefined): Validated<Override<Timeouts.Timeouts>> =>
  Either.gen(function*() {
    const input = (yield* check("timeout", options, isOptions, "must be an object")) ?? {}
    const attempt = yield* positiveDuration("timeout.attempt", input.attempt)
    const total = yield* positiveDuration("timeout.total", input.total)
    return (base) => ({ attempt: attempt ?? base.attempt, total: total ?? base.total })
  })

const none: RetryPolicy.Options = { attempts: 1, maxRetryAfter: 0, reconcile: false }

/**
 * Validates the options for retries.
 */
export const retry = (input: RetryPolicy.Input | undefined): Validated<Override<RetryPolicy.RetryPolicy>> =>
  Either.gen(function*() {
    const options = input === "none" ? none : Schedule.isSchedule(input) ? { schedule: input } : input
    const { reconcile, schedule, ...fields } =
      (yield* check("retry", options, isOptions, "must be an object, a Schedule or \"none\"")) ?? {}
    const attempts = yield* check("retry.attempts", fields.attempts, isAttempts, "must be a whole number of at least 1")
    const minBackoff = yield* duration("retry.minBackoff", fields.minBackoff)
    const maxBackoff = yield* duration("retry.maxBackoff", fields.maxBackoff)
    const maxRetryAfter = yield* duration("retry.maxRetryAfter", fields.maxRetryAfter)
    const reconcileTimeout = yield* duration("retry.reconcileTimeout", fields.reconcileTimeout)
    yield* check("retry.schedule", schedule, Schedule.isSchedule, "must be a Schedule")
    yield* check("retry.reconcile", reconcile, Predicate.isBoolean, "must be true or false")
    return (base) => ({
      attempts: attempts ?? base.attempts,
      minBackoff: minBackoff ?? base.minBackoff,
      maxBackoff: maxBackoff ?? base.maxBackoff,
      maxRetryAfter: maxRetryAfter ?? base.maxRetryAfter,
      // A schedule would make new `attempts` ineffective.
      schedule: schedule === undefined && attempts !== undefined
        ? Option.none()
        : Option.orElse(Option.fromNullable(schedule), () => base.schedule),
      reconcile: reconcile ?? base.reconcile,
      reconcileTimeout: reconcileTimeout ?? base.reconcileTimeout
    })
  })

/**
 * Validates the longest wait for the rate limits.
 */
export const maxRateLimitWait = (input: unknown): Validated<Duration.Duration | undefined> =>
  duration("rateLimit.maxWait", input)

/**
 * The overrides of a region of code.
 */
export interface Overrides {
  readonly timeouts: Override<Timeouts.Timeouts>
  readonly retry: Override<RetryPolicy.RetryPolicy>
  /** The longest wait for the rate limits. `undefined` means that of the layer. */
  readonly maxRateLimitWait: Duration.Duration | undefined
  /** An invalid option of the region, with which each of its calls fails. */
  readonly invalid: InvalidOption | undefined
}

/**
 * The overrides of the current region of code.
 */
export const current: FiberRef.FiberRef<Overrides> = globalValue(
  "@effect-clerk/http/internal/overrides",
  () =>
    FiberRef.unsafeMake<Overrides>({
      timeouts: identity,
      retry: identity,
      maxRateLimitWait: undefined,
      invalid: undefined
    })
)

const locally = <B>(
  validated: Validated<B>,
  merge: (outer: Overrides, value: B) => Overrides
): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> =>
  Effect.locallyWith(current, (outer) =>
    Either.match(validated, {
      onLeft: (invalid) => ({ ...outer, invalid: outer.invalid ?? invalid }),
      onRight: (value) => merge(outer, value)
    }))

export const withTimeout = (options: Timeouts.Options) =>
  locally(timeouts(options), (outer, override) => ({ ...outer, timeouts: flow(outer.timeouts, override) }))

export const withRetry = (input: RetryPolicy.Input) =>
  locally(retry(input), (outer, override) => ({ ...outer, retry: flow(outer.retry, override) }))

export const withMaxRateLimitWait = (input: Duration.DurationInput) =>
  locally(maxRateLimitWait(input), (outer, maxWait) => ({
    ...outer,
    maxRateLimitWait: maxWait ?? outer.maxRateLimitWait
  }))
