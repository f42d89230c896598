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
  url: Schema.Redacted(Schema.String),
  createdAt: Schema.DateTimeUtcFromNumber,
  updatedAt: Schema.DateTimeUtcFromNumber,
  expiresAt: Schema.DateTimeUtcFromNumber
})

/**
 * The invitations, users and e-mails of the in-memory layer or the emulator. Calls, requests, faults and quotas are not
 * included.
 *
 * Encoded as JSON it contains the accept links in clear text, so treat the result as a secret.
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
  /** Oldest first. */
  invitations: Schema.Array(SnapshotInvitation),
  /** The addresses of all users, in lower case. */
  users: Schema.Array(Schema.String),
  /** The e-mails that Clerk would have sent, oldest first. */
  emails: Schema.Array(InvitationsControl.Email)
}) {}
