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
   * Whom an outcome is about.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Recipient {
    /** What was given. */
    readonly input: CreateInvitation.Input
    /** Where it stood in what was given, beginning with 0. */
    readonly position: number
    /** The address as it was given; empty where none was. */
    readonly emailAddress: string
  }

  /**
   * The same, once something may have been sent.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Attempted extends Recipient {
    /**
     * The invitations that were revoked to make room for this one; empty unless `onExisting` is `"replace"`. Without a
     * `Created`, the address is left without them.
     */
    readonly replaced: ReadonlyArray<Invitation>
  }
}

/**
 * What became of one input of `inviteMany`.
 *
 * There is exactly one outcome an input, and exactly one that is not `Repeated` an address.
 *
 * - `Created`: it was invited, by this call, exactly once.
 * - `AlreadyInvited`: a pending invitation stands in the way. `invitation` is that one, where it was seen.
 * - `UserExists`: the address belongs to a user already.
 * - `Rejected`: nothing was created. `error` is an `InvalidRequest` if it was not even sent.
 * - `Unknown`: it may have been invited, or may still be: `error` says what is known. Look before you send it again. Unless
 *   `ignoreExisting` is set it was sent once more, and refused as a duplicate, or left unknown again.
 * - `Repeated`: the address, in whatever case, stood at the position `of` already; its outcome is told there, before or after
 *   this one. It is an outcome of its own so that whoever counts what goes in and what comes out finds the same number.
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
 * Constructors of {@link InviteOutcome}, with `$is` and `$match` to tell them apart.
 *
 * @since 0.1.0
 * @category constructors
 */
export const InviteOutcome = Data.taggedEnum<InviteOutcome>()
