/**
 * @since 0.1.0
 */
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Field from "./internal/schema/field.js"
import * as Metadata from "./Metadata.js"

// None of these characters changes the meaning of a URL that contains it.
const idPattern = /^[A-Za-z0-9_-]{1,255}$/

const maxIdLength = 255
const forbiddenInId = /[^A-Za-z0-9_-]/

/**
 * The id of an invitation (`inv_…`): 1 to 255 letters, digits, `_` or `-`. An id needs no escaping in a URL path.
 *
 * @since 0.1.0
 * @category models
 */
export const InvitationId = Schema.String.pipe(
  Schema.pattern(idPattern),
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
 * Whether the value is the id of an invitation.
 *
 * @since 0.1.0
 * @category guards
 */
export const isInvitationId = (value: unknown): value is InvitationId =>
  typeof value === "string" && value.length > 0 && value.length <= maxIdLength && !forbiddenInId.test(value)

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
 * The documented status of an invitation; `None` if Clerk sent a status that this version does not know. Use it where a
 * match must be exhaustive.
 *
 * @since 0.1.0
 * @category utils
 * @example
 * ```ts
 * import { type Invitation, type InvitationStatus, knownStatus } from "@effect-clerk/core/Invitation"
 * import { Match, Option } from "effect"
 *
 * const label = Match.type<InvitationStatus>().pipe(
 *   Match.when("pending", () => "waits for an answer"),
 *   Match.when("accepted", () => "signed up"),
 *   Match.whenOr("revoked", "expired", () => "the link is dead"),
 *   Match.exhaustive
 * )
 *
 * export const describe = (invitation: Invitation): string =>
 *   Option.match(knownStatus(invitation), { onNone: () => invitation.status, onSome: label })
 * ```
 */
export const knownStatus = (invitation: Pick<Invitation, "status">): Option.Option<InvitationStatus> =>
  Option.liftPredicate(invitation.status, Schema.is(InvitationStatus))

// The encoded fields, which do not include the accept link.
class InvitationFields extends Schema.Class<InvitationFields>("@effect-clerk/core/InvitationFields")({
  /** The id, `inv_…`. */
  id: InvitationId,
  /** The invited e-mail address. */
  emailAddress: Schema.String,
  /** A JSON object that becomes the user's public metadata on sign-up. */
  publicMetadata: Metadata.ReceivedMetadata,
  /** `"pending"`, `"accepted"`, `"revoked"`, `"expired"`, or a status that Clerk adds later. */
  status: AnyInvitationStatus,
  /** Clerk's `revoked` flag; absent if Clerk leaves it out. Prefer `status`, which is always present. */
  revoked: Schema.optionalWith(Schema.Boolean, { exact: true }),
  /** When the invitation expires; `None` if Clerk leaves it out. */
  expiresAt: Schema.optionalWith(Schema.DateTimeUtc, { as: "Option" }),
  /** When the invitation was created. */
  createdAt: Schema.DateTimeUtc,
  /** When the invitation was last changed. */
  updatedAt: Schema.DateTimeUtc
}) {}

/**
 * An invitation to sign up.
 *
 * `url`, the accept link, lets its holder sign up. It is `Redacted`, so that logs and JSON do not contain it. The schema
 * encodes an invitation **without** the link (camelCase, times as ISO 8601 text), so that a response or a queue does not
 * carry it; a decoded invitation has `None`. {@link WithAcceptLink} is the schema that keeps it.
 *
 * @since 0.1.0
 * @category models
 * @see https://clerk.com/docs/reference/backend-api/tag/Invitations
 * @example
 * ```ts
 * import { Invitation } from "@effect-clerk/core/Invitation"
 * import { DateTime, Schema } from "effect"
 *
 * const invitation = Schema.decodeUnknownSync(Invitation)({
 *   id: "inv_1",
 *   emailAddress: "ada@example.com",
 *   publicMetadata: {},
 *   status: "pending",
 *   createdAt: "2026-01-01T00:00:00.000Z",
 *   updatedAt: "2026-01-01T00:00:00.000Z"
 * })
 *
 * DateTime.toEpochMillis(invitation.createdAt) // 1767225600000
 * ```
 */
export class Invitation extends InvitationFields.transformOrFail<Invitation>("@effect-clerk/core/Invitation")({
  /** The accept link, a secret; `None` if Clerk leaves it out. */
  url: Schema.OptionFromSelf(Schema.RedactedFromSelf(Schema.String))
}, {
  decode: (fields) => ParseResult.succeed({ ...fields, url: Option.none() }),
  encode: ({ url: _, ...fields }) => ParseResult.succeed(fields)
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
 * The schema of an {@link Invitation} whose encoded side contains the accept link in clear text. Its holder can sign up, so
 * use it only between services that may have the link.
 *
 * @since 0.1.0
 * @category schemas
 */
export const WithAcceptLink = Schema.transform(
  Schema.Struct({
    ...InvitationFields.fields,
    url: Schema.optionalWith(Schema.Redacted(Schema.String), { as: "Option" })
  }),
  Schema.typeSchema(Invitation),
  {
    strict: true,
    decode: (fields) => new Invitation(fields, { disableValidation: true }),
    encode: (invitation) => invitation
  }
).annotations({ identifier: "InvitationWithAcceptLink" })

/**
 * The result of `delete`.
 *
 * @since 0.1.0
 * @category models
 */
export class DeletedInvitation extends Schema.Class<DeletedInvitation>("@effect-clerk/core/DeletedInvitation")({
  /** The id of the deleted invitation. */
  id: InvitationId
}) {}
