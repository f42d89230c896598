/**
 * @since 0.1.0
 */
import { TemplateSlug } from "@effect-clerk/core/CreateInvitation"
import { InvitationId } from "@effect-clerk/core/Invitation"
import { Metadata } from "@effect-clerk/core/Metadata"
import * as Schema from "effect/Schema"

const Link = Schema.Redacted(Schema.String)

const SnapshotInvitation = Schema.Struct({
  id: InvitationId,
  emailAddress: Schema.String,
  publicMetadata: Metadata,
  /** Whether a pending one has expired is a matter of the clock. */
  status: Schema.Literal("pending", "accepted", "revoked"),
  url: Link,
  createdAt: Schema.DateTimeUtcFromNumber,
  updatedAt: Schema.DateTimeUtcFromNumber,
  expiresAt: Schema.DateTimeUtcFromNumber
})

const SnapshotEmail = Schema.Struct({
  to: Schema.String,
  invitationId: InvitationId,
  templateSlug: TemplateSlug,
  url: Link,
  sentAt: Schema.DateTimeUtcFromNumber
})

/**
 * What the in-memory layer and the emulator know that is worth keeping: invitations, users and e-mails, the oldest first. Calls,
 * requests, plans and what is used up of the limits are not in it.
 *
 * As a schema it encodes to JSON, with the accept links in clear: whoever writes it down has a secret to keep.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import { InvitationsControl, Snapshot } from "@effect-clerk/http"
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
  /** The version of this form. */
  version: Schema.Literal(1).pipe(Schema.propertySignature, Schema.withConstructorDefault(() => 1 as const)),
  /** The oldest first. */
  invitations: Schema.Array(SnapshotInvitation),
  /** The addresses of users. */
  users: Schema.Array(Schema.String),
  /** What would have been sent, the oldest first. */
  emails: Schema.Array(SnapshotEmail)
}) {}
