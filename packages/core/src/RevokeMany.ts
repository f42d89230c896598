/**
 * Options and errors of `InvitationsService.revokeMany`.
 *
 * @since 0.1.0
 */
import type * as Schedule from "effect/Schedule"
import type { ListError, TransientError } from "./InvitationError.js"
import type { ListInvitations } from "./ListInvitations.js"

/**
 * Selects the invitations to revoke. `status` defaults to `"pending"`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Filter extends Pick<ListInvitations.Filter, "status" | "query"> {}

/**
 * Options of `revokeMany`. An invalid option fails the stream with `InvalidRequest` before anything is sent.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * How many calls may be in flight at once, 1 to 32. Defaults to 4.
   */
  readonly concurrency?: number | undefined
  /**
   * Whether to emit outcomes in the order of the input instead of as soon as they are known. Defaults to `false`.
   */
  readonly ordered?: boolean | undefined
  /**
   * How to retry a call that fails with a transient error (no connection, 429, …) once the layer's own retries have
   * failed. Each delay is at least the response's `Retry-After`, at most 2 hours. When the schedule ends, the outcome
   * is `Rejected`. Defaults to `InviteMany.defaultRetry`.
   */
  readonly retry?: Schedule.Schedule<unknown, TransientError> | undefined
}

/**
 * Errors that end the whole job: an invalid option of the job or of the layer, or an invalid target
 * (`InvalidRequest`), a response that rejects every call (`Unauthorized`, `Forbidden`, …), and with a filter every error
 * of `list`.
 *
 * @since 0.1.0
 * @category errors
 */
export type RevokeManyError = ListError
