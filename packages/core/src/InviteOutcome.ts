/**
 * The outcomes of `InvitationsService.inviteMany`: their schema, their constructors, `$is` and `$match`.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { CreateInvitation } from "./CreateInvitation.js"
import { InstanceRefusal } from "./internal/bulk/refusal.js"
import { CreateRejection } from "./internal/bulk/rejection.js"
import { Invitation, InvitationId } from "./Invitation.js"
import { AmbiguousWrite } from "./InvitationError.js"

/**
 * The input that an outcome belongs to.
 *
 * @since 0.1.0
 * @category models
 */
export interface Recipient {
  /** The input as it was given; a decoded outcome has its JSON form. */
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
   * The ids of the invitations that were revoked to replace them; empty unless `onExisting` is `"resend"`. Unless the
   * outcome is `Created`, no new invitation is known to replace them.
   */
  readonly replaced: ReadonlyArray<InvitationId>
}

const toJson = Option.liftThrowable((input: unknown): unknown => JSON.parse(JSON.stringify(input)))

// An invalid input has an outcome too, so both directions accept every value. `inviteMany` validates it again.
const Input: Schema.Schema<CreateInvitation.Input, unknown> = Schema.transform(
  Schema.Unknown,
  Schema.declare((_: unknown): _ is CreateInvitation.Input => true, {
    identifier: "CreateInvitationInput",
    arbitrary: () => (fc) => fc.record({ emailAddress: fc.string() })
  }),
  { strict: false, decode: identity, encode: (input) => Option.getOrNull(toJson(input)) }
)

// A bulk call that stays unknown has the addresses of other recipients.
const ErrorWithoutAddresses = Schema.transform(AmbiguousWrite, Schema.typeSchema(AmbiguousWrite), {
  strict: true,
  decode: identity,
  encode: (error) => new AmbiguousWrite({ ...error, emailAddresses: Redacted.make([]) })
})

const recipient = { input: Input, position: Schema.NonNegativeInt, emailAddress: Schema.String }

const attempted = { ...recipient, replaced: Schema.Array(InvitationId) }

const id = Schema.optionalWith(InvitationId, { as: "Option" })

const CreatedSchema = Schema.TaggedStruct("Created", { ...attempted, invitation: Invitation })

const AlreadyInvitedWithInvitation = Schema.TaggedStruct("AlreadyInvited", {
  ...attempted,
  id,
  invitation: Schema.optionalWith(Invitation, { as: "Option" })
})

const AlreadyInvitedSchema = Schema.transform(
  Schema.TaggedStruct("AlreadyInvited", { ...attempted, id }),
  Schema.typeSchema(AlreadyInvitedWithInvitation),
  {
    strict: true,
    decode: (fields) => ({ ...fields, invitation: Option.none() }),
    encode: ({ invitation: _, ...fields }) => fields
  }
)

const others = [
  Schema.TaggedStruct("UserExists", attempted),
  Schema.TaggedStruct("Rejected", { ...attempted, error: CreateRejection }),
  Schema.TaggedStruct("Unknown", { ...attempted, error: ErrorWithoutAddresses }),
  Schema.TaggedStruct("Repeated", { ...recipient, firstPosition: Schema.NonNegativeInt }),
  Schema.TaggedStruct("NotAttempted", attempted),
  Schema.TaggedStruct("Stopped", { error: InstanceRefusal })
] as const

/**
 * The outcome of one input of `inviteMany`, or of the job. Every input that was read has exactly one outcome, and every
 * remembered address has exactly one that is not `Repeated`.
 *
 * - `Created`: this job created the invitation, exactly once.
 * - `AlreadyInvited`: a pending invitation exists. `id` and `invitation` are `None` if it was not looked up.
 * - `UserExists`: the address belongs to a user.
 * - `Rejected`: nothing was created. `error` is an `InvalidRequest` if the input is invalid and was not sent.
 * - `Unknown`: the invitation may exist, now or later, and `error` holds the details. Check the list before retrying.
 *   Unless `ignoreExisting` is set, the job retried the create once: it was rejected, or its outcome is unknown too.
 * - `Repeated`: a case-insensitive duplicate of the input at `firstPosition`, which carries the outcome. Reported so
 *   that the number of outcomes equals the number of inputs.
 * - `NotAttempted`: the job stopped before the input was sent. It can be invited later.
 * - `Stopped`: the last outcome of a job that stopped early, because Clerk refuses the whole instance. It belongs to no
 *   input. `error` tells why; inputs after the last outcome were not read. See `onInstanceRefusal`.
 *
 * As a schema it carries outcomes through an `HttpApi`, an RPC, a queue or a workflow. The encoded form contains what
 * the caller supplied, ids and errors, but no accept link and nothing about an invitation that the job did not create:
 *
 * - `invitation` of `AlreadyInvited` is dropped and decodes to `None`; `id` is kept. {@link WithInvitations} keeps the
 *   invitation too.
 * - `invitation` of `Created` loses its accept link, see `Invitation`.
 * - `error` loses Clerk's messages and metadata, see `ErrorDetail`. `error.emailAddresses` of `Unknown` decodes to an
 *   empty list, because a bulk call has the addresses of other inputs too.
 * - `input` becomes what `JSON.stringify` makes of it: an `undefined` property is dropped, a date becomes a string. An
 *   input without a JSON form (`undefined`, a function, a cycle, a bigint) becomes `null`. It is not validated.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import { InvitationsService, InviteOutcome } from "@effect-clerk/core"
 * import { Effect, Schema, Stream } from "effect"
 *
 * // Emits one line of JSON for each outcome.
 * export const toLines = (addresses: ReadonlyArray<string>) =>
 *   Stream.unwrap(Effect.map(InvitationsService, (invitations) =>
 *     invitations.inviteMany(addresses.map((emailAddress) => ({ emailAddress }))).pipe(
 *       Stream.mapEffect(Schema.encode(Schema.parseJson(InviteOutcome.InviteOutcome)))
 *     )))
 *
 * export const describe = InviteOutcome.$match({
 *   Created: ({ invitation }) => `created ${invitation.id}`,
 *   AlreadyInvited: () => "was invited before",
 *   UserExists: () => "is a user",
 *   Rejected: ({ error }) => error.message,
 *   Unknown: ({ error }) => error.message,
 *   Repeated: ({ firstPosition }) => `see line ${firstPosition + 1}`,
 *   NotAttempted: () => "was not invited: the job stopped",
 *   Stopped: ({ error }) => error.message
 * })
 * ```
 */
export const InviteOutcome = Schema.Union(CreatedSchema, AlreadyInvitedSchema, ...others).annotations({
  identifier: "InviteOutcome"
})

/**
 * @since 0.1.0
 * @category models
 */
export type InviteOutcome = typeof InviteOutcome.Type

/**
 * The outcome of one input: every {@link InviteOutcome} except `Stopped`.
 *
 * @since 0.1.0
 * @category models
 */
export type InputOutcome = Exclude<InviteOutcome, { readonly _tag: "Stopped" }>

/**
 * The schema of an {@link InviteOutcome} whose encoded form keeps the invitation of `AlreadyInvited`, with its metadata
 * and without its accept link. Another client may have created that invitation.
 *
 * @since 0.1.0
 * @category schemas
 */
export const WithInvitations = Schema.Union(CreatedSchema, AlreadyInvitedWithInvitation, ...others).annotations({
  identifier: "InviteOutcomeWithInvitations"
})

/**
 * The constructors of {@link InviteOutcome}, and its functions `$is` and `$match`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const {
  $is,
  $match,
  AlreadyInvited,
  Created,
  NotAttempted,
  Rejected,
  Repeated,
  Stopped,
  Unknown,
  UserExists
} = Data.taggedEnum<InviteOutcome>()
