/**
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type * as Option from "effect/Option"
import type { CreateInvitation } from "./CreateInvitation.js"
import type { Invitation } from "./Invitation.js"
import type { AmbiguousWrite, CreateError } from "./InvitationError.js"

/**
 * @since 0.1.0
 */
export declare namespace InviteOutcome {
  /**
   * The input that an outcome belongs to.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Recipient {
    /** The input as it was given. */
    readonly input: CreateInvitation.Input
    /** The index of the input, from 0. */
    readonly position: number
    /** The address as it was given; empty if the input has none. */
    readonly emailAddress: string
  }

  /**
   * A recipient for which a call may have been made.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Attempted extends Recipient {
    /**
     * The invitations that were revoked to replace them; empty unless `onExisting` is `"resend"`. Unless the outcome
     * is `Created`, no new invitation is known to replace them.
     */
    readonly replaced: ReadonlyArray<Invitation>
  }
}

/**
 * The outcome of one input of `inviteMany`. Every input has exactly one outcome, and every remembered address has
 * exactly one that is not `Repeated`.
 *
 * - `Created`: this job created the invitation, exactly once.
 * - `AlreadyInvited`: a pending invitation exists. `invitation` is `None` if it was not looked up.
 * - `UserExists`: the address belongs to a user.
 * - `Rejected`: nothing was created. `error` is an `InvalidRequest` if the input is invalid and was not sent.
 * - `Unknown`: the invitation may exist, now or later, and `error` holds the details. Check the list before retrying.
 *   Unless `ignoreExisting` is set, the job retried the create once: it was rejected, or its outcome is unknown too.
 * - `Repeated`: a case-insensitive duplicate of the input at `firstPosition`, which carries the outcome. Reported so
 *   that the number of outcomes equals the number of inputs.
 *
 * @since 0.1.0
 * @category models
 */
export type InviteOutcome = Data.TaggedEnum<{
  Created: InviteOutcome.Attempted & { readonly invitation: Invitation }
  AlreadyInvited: InviteOutcome.Attempted & { readonly invitation: Option.Option<Invitation> }
  UserExists: InviteOutcome.Attempted
  Rejected: InviteOutcome.Attempted & { readonly error: Exclude<CreateError, AmbiguousWrite> }
  Unknown: InviteOutcome.Attempted & { readonly error: AmbiguousWrite }
  Repeated: InviteOutcome.Recipient & { readonly firstPosition: number }
}>

/**
 * Constructors of {@link InviteOutcome}, with `$is` and `$match`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const InviteOutcome = Data.taggedEnum<InviteOutcome>()
