/**
 * @since 0.1.0
 */
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import * as Schema from "effect/Schema"
import * as Field from "./internal/schema/field.js"
import * as Metadata from "./Metadata.js"

/**
 * The id of an invitation (`inv_…`): letters, digits, `_` and `-`, so that it never changes the URL it stands in.
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
 * The states of an invitation that Clerk documents, and that a list can be filtered by.
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
 * A status as it is read: one of the documented, or one that Clerk adds later, which must not make a page unreadable.
 *
 * @since 0.1.0
 * @category models
 */
export type AnyInvitationStatus = InvitationStatus | (string & {})

const AnyInvitationStatus: Schema.Schema<AnyInvitationStatus, string> = Schema.String

/**
 * An invitation to sign up.
 *
 * As a schema it reads what Clerk sends (snake_case, Unix milliseconds) and encodes back to it. Fields that it does not
 * know are ignored. `url`, the accept link, lets its holder sign up: it is `Redacted`, so that printing an invitation or
 * turning it into JSON does not give it away.
 *
 * @since 0.1.0
 * @category models
 * @see https://clerk.com/docs/reference/backend-api/tag/Invitations
 */
export class Invitation extends Schema.Class<Invitation>("@effect-clerk/core/Invitation")({
  /** Always `"invitation"`. */
  object: Schema.Literal("invitation").pipe(
    Schema.propertySignature,
    Schema.withConstructorDefault(() => "invitation" as const)
  ),
  /** The id, `inv_…`. */
  id: InvitationId,
  /** The address that is invited. */
  emailAddress: Schema.propertySignature(Schema.String).pipe(Schema.fromKey("email_address")),
  /** What the user's public metadata will be on sign-up; `{}` where Clerk sends null. */
  publicMetadata: Schema.optionalWith(Metadata.ReceivedMetadata, { default: () => ({}), nullable: true }).pipe(
    Schema.fromKey("public_metadata")
  ),
  /** `"pending"`, `"accepted"`, `"revoked"`, `"expired"`, or one that Clerk adds later. */
  status: AnyInvitationStatus,
  /** What Clerk sends beside `status`, which says the same and is always there. */
  revoked: Schema.optionalWith(Schema.Boolean, { exact: true, nullable: true }),
  /** The accept link, a secret. */
  url: Schema.optionalWith(Schema.Redacted(Schema.String), { as: "Option", nullable: true }),
  /** When a pending invitation expires. */
  expiresAt: Schema.optionalWith(Schema.DateTimeUtcFromNumber, { as: "Option", nullable: true }).pipe(
    Schema.fromKey("expires_at")
  ),
  /** When it was created. */
  createdAt: Schema.propertySignature(Schema.DateTimeUtcFromNumber).pipe(Schema.fromKey("created_at")),
  /** When it was last changed. */
  updatedAt: Schema.propertySignature(Schema.DateTimeUtcFromNumber).pipe(Schema.fromKey("updated_at"))
}) {
  /**
   * Whether it can still be accepted, by its status.
   *
   * @since 0.1.0
   */
  get isPending(): boolean {
    return this.status === "pending"
  }

  /**
   * Two are equal if all that they say is, metadata as JSON.
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
 * What is left of an invitation that was deleted.
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
  /** The id it had. */
  id: InvitationId,
  /** Always `true`. */
  deleted: Schema.Literal(true).pipe(Schema.propertySignature, Schema.withConstructorDefault(() => true as const))
}) {}
