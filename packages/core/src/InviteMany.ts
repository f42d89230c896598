/**
 * What `inviteMany` can be told, and what it can fail with.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import * as Retry from "./internal/bulk/retry.js"
import type { BadRequest, Forbidden, InvalidRequest, TransientError, Unauthorized } from "./InvitationError.js"
import type { InviteOutcome } from "./InviteOutcome.js"

/**
 * How a call that failed for now is sent again: after 1 second, then twice as long each time, at most 5 minutes, each with
 * some jitter; 23 times, so that an outage of an hour is survived.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaultRetry: Schedule.Schedule<unknown, TransientError> = Retry.defaultRetry

/**
 * What a job that ends before its time leaves behind: because it is interrupted, because it fails, or because the consumer
 * wants no more.
 *
 * @since 0.1.0
 * @category models
 */
export interface Incomplete {
  /** Outcomes that nobody took any more. */
  readonly outcomes: ReadonlyArray<InviteOutcome>
  /** A call was under way for these, or waiting for its turn: they may have been invited. */
  readonly unknown: ReadonlyArray<InviteOutcome.Attempted>
  /** These were taken from the input, but not invited. */
  readonly unsent: ReadonlyArray<InviteOutcome.Attempted>
}

/**
 * What is to differ from the defaults of `inviteMany`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * The most bulk calls that are on their way at once, 1 to 25. Defaults to 2.
   */
  readonly concurrency?: number | undefined
  /**
   * Whether addresses are sent one at a time as well, beside the bulk calls: Clerk counts the two apart, so that 350 an hour
   * are possible in place of 250. A chunk that is refused without a word about who is to blame is then sent one by one; without
   * it, in halves, and fewer than ten wait until there are ten or the input ends. Defaults to `true`.
   */
  readonly useSingleCreates?: boolean | undefined
  /**
   * What to do where a pending invitation exists. Defaults to `"report"`.
   *
   * - `"report"`: `AlreadyInvited`, with the invitation if it was seen before anything was sent.
   * - `"reuse"`: the same, but it is looked for in any case.
   * - `"replace"`: revoke it, then create. Between the two the address has no invitation, for as long as a rate limit makes the
   *   create wait; `replaced` of the outcome, or of what is unfinished, says what was revoked.
   */
  readonly onExisting?: "report" | "reuse" | "replace" | undefined
  /**
   * Whether to look at the list for every address before it is sent: that counts against no hourly quota, and spares the calls
   * that would be refused. Not done where `ignoreExisting` is set. Defaults to `true`.
   */
  readonly checkExisting?: boolean | undefined
  /**
   * Whether outcomes come in the order of the input rather than as they come about. The work then runs at most 1000 inputs
   * ahead of the outcome that is due. Defaults to `false`.
   */
  readonly ordered?: boolean | undefined
  /**
   * Of how many different addresses, the last ones, to remember that they have been there, 1000 to 10,000,000. An address that
   * comes back later than that is taken for a new one, which the server then refuses as a duplicate. Defaults to 100,000.
   */
  readonly deduplicationWindow?: number | undefined
  /**
   * How a call that failed for now (no connection, 429, …) is sent again, beyond what the layer does; a `Retry-After` is waited
   * for in any case, at most 2 hours. When the schedule is done, the outcomes are `Rejected`. Defaults to `defaultRetry`.
   */
  readonly retry?: Schedule.Schedule<unknown, TransientError> | undefined
  /**
   * Told once what is left over if the job ends before its time.
   */
  readonly onIncomplete?: ((unfinished: Incomplete) => Effect.Effect<void>) | undefined
}

/**
 * What ends a job as a whole: options or an input that make no sense, and answers that say that nothing else can succeed
 * (`Unauthorized`, `Forbidden`, `BadRequest` with `invitations_not_supported`).
 *
 * @since 0.1.0
 * @category errors
 */
export type InviteManyError = InvalidRequest | Unauthorized | Forbidden | BadRequest
