import type { Operation } from "@effect-clerk/core/InvitationError"
import type { Quota, RateLimit } from "@effect-clerk/core/RateLimits"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"

/**
 * A call may be sent in `millis` milliseconds at the earliest, which is later than the caller waits.
 */
export class WaitTooLong extends Data.TaggedClass("WaitTooLong")<{ readonly millis: number }> {}

/**
 * The shared store failed, or did not answer in time.
 */
export class StoreFailure {
  readonly _tag = "StoreFailure"
}

/**
 * A call was not sent, because its reservation expired while it waited for something else.
 */
export class ReservationExpired extends Data.TaggedClass("ReservationExpired") {}

/**
 * A wait for a quota: its expected duration in milliseconds, and the quota that makes the call wait.
 */
export interface Wait {
  readonly millis: number
  readonly quota: Quota
}

/**
 * One call in each quota of an operation.
 */
export interface Admitted {
  /** Whether the call may still be sent at `now`. */
  readonly isFresh: (now: number) => boolean
  /** Returns the call, because it was not sent. */
  readonly release: () => void
}

/**
 * Admits calls within their quotas. All times are those of the monotonic clock, in milliseconds.
 */
export interface Admission {
  /**
   * Waits until a call may be sent. Fails with `WaitTooLong` as soon as it is known that this is after `end`. Before the first
   * wait it runs `onWait`. The wait is interruptible in an uninterruptible region too, so that a caller can release what it gets.
   */
  readonly acquire: (
    operation: Operation,
    end: number,
    onWait: (wait: Wait) => Effect.Effect<void>
  ) => Effect.Effect<Admitted, WaitTooLong | StoreFailure>
  /**
   * Admits no call of a quota for `millis` milliseconds. Then calls are admitted apart from each other for one window, because
   * the remaining quota is unknown.
   */
  readonly pause: (quota: Quota, millis: number) => Effect.Effect<void>
}

/**
 * A quota with a margin: calls within its limits stay within those of the server, although requests take time to arrive.
 */
export interface QuotaSettings {
  readonly limit: number
  /** The window with its margin, in milliseconds. */
  readonly window: number
  /** For how long a call may be sent after it was admitted, in milliseconds. */
  readonly grace: number
}

// The margin of a window is at most the timeout of an attempt plus this, in milliseconds.
const marginBeyondAttempt = 20_000

export const quotaSettings = ({ limit, window }: RateLimit, attemptMillis: number): QuotaSettings => {
  const windowMillis = Math.ceil(Duration.toMillis(window))
  const margin = Math.ceil(Math.min(windowMillis / 10, attemptMillis + marginBeyondAttempt))
  // The margin has to cover both the time that a call is kept and the time that a request takes to arrive.
  return { limit, window: windowMillis + margin, grace: margin - Math.min(attemptMillis, margin / 2) }
}

/**
 * How calls are admitted after a 429: `gap` milliseconds apart, for `lasting` milliseconds. If other clients use the quota
 * evenly, one call is possible every window / limit.
 */
export interface Pace {
  readonly gap: number
  readonly lasting: number
}

export const paceAfter = ({ limit, window }: QuotaSettings, retryAfter: number): Pace => ({
  gap: Math.min(retryAfter, Math.ceil(window / limit)),
  lasting: window
})

// setTimeout fires at once for more than about 25 days.
export const maxSleep = 24 * 60 * 60 * 1000
