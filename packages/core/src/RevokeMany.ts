/**
 * What `revokeMany` can be told, and what it can fail with.
 *
 * @since 0.1.0
 */
import type * as Schedule from "effect/Schedule"
import type { ListError, TransientError } from "./InvitationError.js"
import type { ListInvitations } from "./ListInvitations.js"

/**
 * Which invitations to revoke. Without a `status`, pending ones.
 *
 * @since 0.1.0
 * @category models
 */
export interface Filter extends Pick<ListInvitations.Filter, "status" | "query"> {}

/**
 * What is to differ from the defaults of `revokeMany`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * The most calls that are on their way at once, 1 to 32. Defaults to 4.
   */
  readonly concurrency?: number | undefined
  /**
   * Whether outcomes come in the order of the input rather than as they come about. Defaults to `false`.
   */
  readonly ordered?: boolean | undefined
  /**
   * How a call that failed for now is sent again, beyond what the layer does. When the schedule is done, the outcome is
   * `Rejected`. Defaults to `InviteMany.defaultRetry`.
   */
  readonly retry?: Schedule.Schedule<unknown, TransientError> | undefined
}

/**
 * What ends a job as a whole: options or a target that make no sense, answers that say that nothing else can succeed, and
 * whatever the list fails with, where there is a filter.
 *
 * @since 0.1.0
 * @category errors
 */
export type RevokeManyError = ListError
