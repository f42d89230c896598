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
   * Which invitation an outcome is about.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Target {
    /** The id, as it was given or listed. */
    readonly id: string
    /** Where it stood in what was given or listed, beginning with 0. */
    readonly position: number
  }
}

/**
 * What became of one invitation of `revokeMany`.
 *
 * - `Revoked`: it is revoked now, by this call. `invitation` is what it has become.
 * - `AlreadyRevoked`: somebody was quicker, or the id was given before.
 * - `AlreadyAccepted`: it has been accepted.
 * - `NotFound`: there is none with this id.
 * - `Rejected`: nothing has changed. `error` is an `InvalidRequest` if it was not even sent.
 * - `Unknown`: it may have been revoked. It does no harm to send it again.
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
 * Constructors of {@link RevokeOutcome}, with `$is` and `$match` to tell them apart.
 *
 * @since 0.1.0
 * @category constructors
 */
export const RevokeOutcome = Data.taggedEnum<RevokeOutcome>()
