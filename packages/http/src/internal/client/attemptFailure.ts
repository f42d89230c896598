import type { LastFailure } from "@effect-clerk/core/InvitationError"
import type * as Duration from "effect/Duration"
import * as Option from "effect/Option"

/**
 * What is known of a request after an attempt at it failed:
 *
 * - `NotSent`: it never left (no address, refused, no secure connection). Safe to send again.
 * - `Throttled`: it was refused for now (429, or 409 `resource_locked`). Safe to send again, later.
 * - `Rejected`: it was refused for good (any other 4xx). Sending it again changes nothing.
 * - `Unknown`: it may have happened (lost connection, time-out, 5xx, an answer that cannot be read).
 */
export type Disposition = "NotSent" | "Throttled" | "Rejected" | "Unknown"

/**
 * How one attempt failed.
 */
export interface AttemptFailure {
  readonly disposition: Disposition
  readonly error: LastFailure
  /** How long the server asks to wait. */
  readonly retryAfter: Option.Option<Duration.Duration>
}

export const attemptFailure = (
  outcome: Disposition,
  error: LastFailure,
  retryAfter: Option.Option<Duration.Duration> = Option.none()
): AttemptFailure => ({ disposition: outcome, error, retryAfter })
