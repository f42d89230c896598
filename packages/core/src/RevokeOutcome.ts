/**
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type { Invitation } from "./Invitation.js"
import type { AmbiguousWrite, RevokeError } from "./InvitationError.js"

/**
 * @since 0.1.0
 */
export declare namespace RevokeOutcome {
  /**
   * The invitation that an outcome belongs to.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Target {
    /** The id as it was given or listed. */
    readonly id: string
    /** The index of the id among those given or listed, from 0. */
    readonly position: number
  }
}

/**
 * The outcome of one id of `revokeMany`.
 *
 * - `Revoked`: this job revoked the invitation. `invitation` is the revoked invitation.
 * - `AlreadyRevoked`: another client revoked the invitation before, or the id was given twice.
 * - `AlreadyAccepted`: the invitation has been accepted.
 * - `NotFound`: no invitation has this id.
 * - `Rejected`: nothing was changed. `error` is an `InvalidRequest` if the id is invalid and was not sent.
 * - `Unknown`: the invitation may have been revoked. Revoking it again is safe.
 *
 * @since 0.1.0
 * @category models
 */
export type RevokeOutcome = Data.TaggedEnum<{
  Revoked: RevokeOutcome.Target & { readonly invitation: Invitation }
  AlreadyRevoked: RevokeOutcome.Target
  AlreadyAccepted: RevokeOutcome.Target
  NotFound: RevokeOutcome.Target
  Rejected: RevokeOutcome.Target & { readonly error: Exclude<RevokeError, AmbiguousWrite> }
  Unknown: RevokeOutcome.Target & { readonly error: AmbiguousWrite }
}>

/**
 * Constructors of {@link RevokeOutcome}, with `$is` and `$match`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const RevokeOutcome = Data.taggedEnum<RevokeOutcome>()
