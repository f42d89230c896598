/**
 * @since 0.1.0
 */
import { InvitationId } from "@effect-clerk/core/Invitation"
import { Metadata } from "@effect-clerk/core/Metadata"
import * as Schema from "effect/Schema"
import { InvitationsControl } from "./InvitationsControl.js"

const SnapshotInvitation = Schema.Struct({
  id: InvitationId,
  emailAddress: Schema.String,
  publicMetadata: Metadata,
  /** An expired invitation is stored as pending: `expiresAt` and the clock decide. */
  status: Schema.Literal("pending", "accepted", "revoked"),
  /** Where the accept link leads. Absent if the create had no `redirectUrl`. */
  redirectUrl: Schema.optionalWith(Schema.String, { exact: true }),
  /** The secret of the accept link. */
  ticket: Schema.Redacted(Schema.String),
  createdAt: Schema.DateTimeUtcFromNumber,
  updatedAt: Schema.DateTimeUtcFromNumber,
  expiresAt: Schema.DateTimeUtcFromNumber
})

const { invitationId, sentAt, templateSlug, to } = InvitationsControl.Email.fields

const SnapshotEmail = Schema.Struct({ to, invitationId, templateSlug, ticket: Schema.Redacted(Schema.String), sentAt })

/**
 * The invitations, users and e-mails of the in-memory layer or the emulator. Calls, requests, faults and quotas are not
 * included.
 *
 * Encoded as JSON it contains the secrets of the accept links and the key that signs them in clear text, so treat the
 * result as a secret.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
 * import { Snapshot } from "@effect-clerk/http/Snapshot"
 * import { Effect, Schema } from "effect"
 *
 * const Json = Schema.parseJson(Snapshot)
 *
 * export const save = InvitationsControl.pipe(
 *   Effect.flatMap((control) => control.snapshot),
 *   Effect.flatMap(Schema.encode(Json))
 * )
 *
 * export const load = (json: string) =>
 *   Effect.flatMap(Schema.decode(Json)(json), (snapshot) =>
 *     Effect.flatMap(InvitationsControl, (control) => control.restore(snapshot)))
 * ```
 */
export class Snapshot extends Schema.Class<Snapshot>("@effect-clerk/http/Snapshot")({
  /** The version of the format. */
  version: Schema.Literal(1).pipe(Schema.propertySignature, Schema.withConstructorDefault(() => 1 as const)),
  /** The id of the application instance, which the tickets of the accept links name. */
  instanceId: Schema.String,
  /** The key that signs the tickets. */
  signingKey: Schema.Redacted(Schema.String),
  /** Oldest first. */
  invitations: Schema.Array(SnapshotInvitation),
  /** Oldest first. */
  users: Schema.Array(InvitationsControl.User),
  /** The e-mails that Clerk would have sent, oldest first. */
  emails: Schema.Array(SnapshotEmail)
}) {}
