/**
 * Targets, options and errors of `InvitationsService.revokeMany`.
 *
 * @since 0.1.0
 */
import type * as Schedule from "effect/Schedule"
import type * as Stream from "effect/Stream"
import type { InvitationId, InvitationStatus } from "./Invitation.js"
import type { ListError, TransientError } from "./InvitationError.js"

/**
 * The ids of the invitations to revoke, in any status. A string is a type error, because it is an iterable of its
 * characters.
 *
 * @since 0.1.0
 * @category models
 */
export type Ids<E = never, R = never> =
  | (Iterable<InvitationId | string> & object)
  | Stream.Stream<InvitationId | string, E, R>

interface NoTarget {
  readonly ids?: undefined
  readonly emailAddresses?: undefined
  readonly query?: undefined
  readonly status?: undefined
  readonly allPending?: undefined
}

/**
 * Selects invitations by their ids, in any status.
 *
 * @since 0.1.0
 * @category models
 */
export interface ByIds<E = never, R = never> extends Omit<NoTarget, "ids"> {
  /** The ids. */
  readonly ids: Ids<E, R>
}

/**
 * Selects the pending invitations of each address, which is compared exactly except for its case. An address without a
 * pending invitation has no outcome.
 *
 * @since 0.1.0
 * @category models
 */
export interface ByEmailAddresses extends Omit<NoTarget, "emailAddresses"> {
  /** The addresses. Each is looked up by one request. If one is invalid, nothing is sent. */
  readonly emailAddresses: ReadonlyArray<string>
}

/**
 * Selects all invitations that match a query. **A part of an address matches too**: `ann@example.com` also selects
 * `joann@example.com`. Use {@link ByEmailAddresses} for whole addresses.
 *
 * @since 0.1.0
 * @category models
 */
export interface ByQuery extends Omit<NoTarget, "query" | "status"> {
  /** A part of an address or an id, for example `"@example.com"`; not empty. */
  readonly query: string
  /** The status of the invitations. Defaults to `"pending"`. */
  readonly status?: InvitationStatus | undefined
}

/**
 * Selects all pending invitations of the Clerk instance.
 *
 * @since 0.1.0
 * @category models
 */
export interface AllPending extends Omit<NoTarget, "allPending"> {
  /** Must be `true`. */
  readonly allPending: true
}

/**
 * The invitations to revoke: ids, or an object with exactly one of `ids`, `emailAddresses`, `query` and `allPending`.
 * An empty object, an empty query and an object with two of them fail with `InvalidRequest`, and nothing is sent.
 *
 * @since 0.1.0
 * @category models
 */
export type Target<E = never, R = never> = Ids<E, R> | ByIds<E, R> | ByEmailAddresses | ByQuery | AllPending

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
 * (`InvalidRequest`), a response that rejects every call (`Unauthorized`, `Forbidden`, …), and every error of `list`
 * unless the target has ids.
 *
 * @since 0.1.0
 * @category errors
 */
export type RevokeManyError = ListError
