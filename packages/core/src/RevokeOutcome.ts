/**
 * The outcomes of `InvitationsService.revokeMany`: their schema, their constructors, `$is` and `$match`.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { RevokeRejection } from "./internal/bulk/rejection.js"
import { Invitation } from "./Invitation.js"
import { AmbiguousWrite } from "./InvitationError.js"

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

const target = { id: Schema.String, position: Schema.NonNegativeInt }

const RevokedWithInvitation = Schema.TaggedStruct("Revoked", {
  ...target,
  invitation: Schema.optionalWith(Invitation, { as: "Option" })
})

const RevokedSchema = Schema.transform(
  Schema.TaggedStruct("Revoked", target),
  Schema.typeSchema(RevokedWithInvitation),
  {
    strict: true,
    decode: (fields) => ({ ...fields, invitation: Option.none() }),
    encode: ({ invitation: _, ...fields }) => fields
  }
)

const others = [
  Schema.TaggedStruct("AlreadyRevoked", target),
  Schema.TaggedStruct("AlreadyAccepted", target),
  Schema.TaggedStruct("NotFound", target),
  Schema.TaggedStruct("Rejected", { ...target, error: RevokeRejection }),
  Schema.TaggedStruct("Unknown", { ...target, error: AmbiguousWrite })
] as const

/**
 * The outcome of one id of `revokeMany`.
 *
 * - `Revoked`: this job revoked the invitation. `invitation` is the revoked invitation; the outcome of a job
 *   always has it.
 * - `AlreadyRevoked`: another client revoked the invitation before, or the id was given twice.
 * - `AlreadyAccepted`: the invitation has been accepted.
 * - `NotFound`: no invitation has this id.
 * - `Rejected`: nothing was changed. `error` is an `InvalidRequest` if the id is invalid and was not sent.
 * - `Unknown`: the invitation may have been revoked. Revoking it again is safe.
 *
 * As a schema it carries outcomes through an `HttpApi`, an RPC, a queue or a workflow. The encoded form contains ids
 * and errors, but no address and no metadata:
 *
 * - `invitation` of `Revoked` is dropped and decodes to `None`. {@link WithInvitations} keeps it.
 * - `error` loses Clerk's messages and metadata, see `ErrorDetail`.
 *
 * @since 0.1.0
 * @category models
 */
export const RevokeOutcome = Schema.Union(RevokedSchema, ...others).annotations({ identifier: "RevokeOutcome" })

/**
 * @since 0.1.0
 * @category models
 */
export type RevokeOutcome = typeof RevokeOutcome.Type

/**
 * The schema of a {@link RevokeOutcome} whose encoded form keeps the revoked invitation, with its address and metadata
 * and without its accept link.
 *
 * @since 0.1.0
 * @category schemas
 */
export const WithInvitations = Schema.Union(RevokedWithInvitation, ...others).annotations({
  identifier: "RevokeOutcomeWithInvitations"
})

/**
 * The constructors of {@link RevokeOutcome}, and its functions `$is` and `$match`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const { $is, $match, AlreadyAccepted, AlreadyRevoked, NotFound, Rejected, Revoked, Unknown } = Data.taggedEnum<
  RevokeOutcome
>()
