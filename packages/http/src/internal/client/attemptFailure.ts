import type { InvitationId } from "@effect-clerk/core/Invitation"
import type { LastFailure } from "@effect-clerk/core/InvitationError"
import type * as Duration from "effect/Duration"
import * as Option from "effect/Option"

/**
 * What a failed attempt says about its request:
 *
 * - `NotSent`: the request never reached the server (DNS, connection refused, TLS). A retry is safe.
 * - `Throttled`: the server rejected the request for now (429, or 409 `resource_locked`). A later retry is safe.
 * - `Rejected`: the server rejected the request for good (other 4xx). A retry would fail as well.
 * - `Unknown`: the request may have been committed (lost connection, timeout, 5xx, a 2xx response that is unreadable or
 *   belongs to another request, a write's response without Clerk's error body).
 */
export type Disposition = "NotSent" | "Throttled" | "Rejected" | "Unknown"

/**
 * How one attempt failed.
 */
export interface AttemptFailure {
  readonly disposition: Disposition
  readonly error: LastFailure
  /** How long the server asks to wait. `None` if it does not ask. */
  readonly retryAfter: Option.Option<Duration.Duration>
  /** Whether the response has no body of Clerk, although the server is neither overloaded nor failing. */
  readonly notClerk?: boolean | undefined
  /** If the response belongs to another request: the ids in the response to a create, otherwise empty. */
  readonly answered?: ReadonlyArray<InvitationId> | undefined
}

export const attemptFailure = (
  disposition: Disposition,
  error: LastFailure,
  retryAfter: Option.Option<Duration.Duration> = Option.none()
): AttemptFailure => ({ disposition, error, retryAfter })
