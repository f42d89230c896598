/**
 * @since 0.1.0
 */
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import * as Schema from "effect/Schema"
import * as Field from "./internal/schema/field.js"
import * as Metadata from "./Metadata.js"

/**
 * The id of an invitation (`inv_…`): 1 to 255 letters, digits, `_` or `-`. An id needs no escaping in a URL path.
 *
 * @since 0.1.0
 * @category models
 */
export const InvitationId = Schema.String.pipe(
  Schema.pattern(Field.idPattern),
  Schema.brand("@effect-clerk/core/InvitationId")
).annotations({
  identifier: "InvitationId",
  description: "the id of an invitation",
  ...Field.mustBe("the id of an invitation (1 to 255 letters, digits, _ or -)")
})

/**
 * @since 0.1.0
 * @category models
 */
export type InvitationId = typeof InvitationId.Type

/**
 * The statuses that Clerk documents. `list` and `stream` can filter by them.
 *
 * @since 0.1.0
 * @category models
 */
export const InvitationStatus = Schema.Literal("pending", "accepted", "revoked", "expired").annotations({
  identifier: "InvitationStatus",
  ...Field.mustBe(Field.status)
})

/**
 * @since 0.1.0
 * @category models
 */
export type InvitationStatus = typeof InvitationStatus.Type

/**
 * The status of a decoded invitation. The set is open, so that a status that Clerk adds later does not fail the
 * decoding.
 *
 * @since 0.1.0
 * @category models
 */
export type AnyInvitationStatus = InvitationStatus | (string & {})

const AnyInvitationStatus: Schema.Schema<AnyInvitationStatus, string> = Schema.String

/**
 * An invitation to sign up.
 *
 * The class is a schema: it decodes Clerk's JSON (snake_case, times in Unix milliseconds), ignores unknown fields, and
 * encodes back to the same JSON. `url`, the accept link, lets its holder sign up. It is `Redacted`, so that logs and
 * JSON do not contain it.
 *
 * @since 0.1.0
 * @category models
 * @see https://clerk.com/docs/reference/backend-api/tag/Invitations
 * @example
 * ```ts
 * import { Invitation } from "@effect-clerk/core"
 * import { DateTime, Schema } from "effect"
 *
 * const invitation = Schema.decodeUnknownSync(Invitation)({
 *   object: "invitation",
 *   id: "inv_1",
 *   email_address: "ada@example.com",
 *   public_metadata: {},
 *   status: "pending",
 *   created_at: 1767225600000,
 *   updated_at: 1767225600000
 * })
 *
 * DateTime.formatIso(invitation.createdAt) // "2026-01-01T00:00:00.000Z"
 * ```
 */
export class Invitation extends Schema.Class<Invitation>("@effect-clerk/core/Invitation")({
  /** Always `"invitation"`. */
  object: Schema.Literal("invitation").pipe(
    Schema.propertySignature,
    Schema.withConstructorDefault(() => "invitation" as const)
  ),
  /** The id, `inv_…`. */
  id: InvitationId,
  /** The invited e-mail address. */
  emailAddress: Schema.propertySignature(Schema.String).pipe(Schema.fromKey("email_address")),
  /** A JSON object that becomes the user's public metadata on sign-up. `{}` if Clerk sends null. */
  publicMetadata: Schema.optionalWith(Metadata.ReceivedMetadata, { default: () => ({}), nullable: true }).pipe(
    Schema.fromKey("public_metadata")
  ),
  /** `"pending"`, `"accepted"`, `"revoked"`, `"expired"`, or a status that Clerk adds later. */
  status: AnyInvitationStatus,
  /** Clerk's `revoked` flag; absent if Clerk leaves it out. Prefer `status`, which is always present. */
  revoked: Schema.optionalWith(Schema.Boolean, { exact: true, nullable: true }),
  /** The accept link, a secret; `None` if Clerk leaves it out. */
  url: Schema.optionalWith(Schema.Redacted(Schema.String), { as: "Option", nullable: true }),
  /** When the invitation expires; `None` if Clerk leaves it out. */
  expiresAt: Schema.optionalWith(Schema.DateTimeUtcFromNumber, { as: "Option", nullable: true }).pipe(
    Schema.fromKey("expires_at")
  ),
  /** When the invitation was created. */
  createdAt: Schema.propertySignature(Schema.DateTimeUtcFromNumber).pipe(Schema.fromKey("created_at")),
  /** When the invitation was last changed. */
  updatedAt: Schema.propertySignature(Schema.DateTimeUtcFromNumber).pipe(Schema.fromKey("updated_at"))
}) {
  /**
   * Whether the status is `"pending"`: only then can the invitation be accepted.
   *
   * @since 0.1.0
   */
  get isPending(): boolean {
    return this.status === "pending"
  }

  /**
   * Two invitations are equal if all their fields are; metadata is compared as JSON.
   *
   * @since 0.1.0
   */
  [Equal.symbol](that: unknown): boolean {
    return that instanceof Invitation && this.id === that.id && this.status === that.status &&
      this.emailAddress === that.emailAddress && this.revoked === that.revoked &&
      Equal.equals(this.updatedAt, that.updatedAt) && Equal.equals(this.createdAt, that.createdAt) &&
      Equal.equals(this.expiresAt, that.expiresAt) && Equal.equals(this.url, that.url) &&
      Metadata.equals(this.publicMetadata, that.publicMetadata)
  }

  /**
   * @since 0.1.0
   */
  [Hash.symbol](): number {
    return Hash.cached(this, Hash.string(this.id))
  }
}

/**
 * Clerk's response to `delete`.
 *
 * @since 0.1.0
 * @category models
 */
export class DeletedInvitation extends Schema.Class<DeletedInvitation>("@effect-clerk/core/DeletedInvitation")({
  /** Always `"invitation"`. */
  object: Schema.Literal("invitation").pipe(
    Schema.propertySignature,
    Schema.withConstructorDefault(() => "invitation" as const)
  ),
  /** The id of the deleted invitation. */
  id: InvitationId,
  /** Always `true`. */
  deleted: Schema.Literal(true).pipe(Schema.propertySignature, Schema.withConstructorDefault(() => true as const))
}) {}
