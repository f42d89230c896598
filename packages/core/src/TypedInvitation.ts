/**
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import type * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Field from "./internal/schema/field.js"
import type { AnyInvitationStatus, InvitationId } from "./Invitation.js"
import { Invitation } from "./Invitation.js"
import * as Metadata from "./Metadata.js"

type OtherFields = { readonly [Key in Exclude<keyof Invitation, "publicMetadata">]: Invitation[Key] }

/**
 * An invitation whose metadata was decoded. It has the fields of `Invitation`, and `publicMetadata` has the type of the
 * caller's schema.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import type { TypedInvitation } from "@effect-clerk/core/TypedInvitation"
 *
 * interface Membership {
 *   readonly team: string
 * }
 *
 * export const describe = ({ emailAddress, publicMetadata }: TypedInvitation<Membership>): string =>
 *   `${emailAddress} joins ${publicMetadata.team}`
 * ```
 */
export class TypedInvitation<A> implements OtherFields {
  /**
   * The invitation with its metadata as it was received, including keys that the schema does not know.
   *
   * @since 0.1.0
   */
  readonly invitation: Invitation
  /**
   * The decoded metadata.
   *
   * @since 0.1.0
   */
  readonly publicMetadata: A

  /**
   * Makes a typed invitation from an invitation and its decoded metadata, for example in a test.
   *
   * @since 0.1.0
   */
  constructor(invitation: Invitation, publicMetadata: A) {
    this.invitation = invitation
    this.publicMetadata = publicMetadata
  }

  /**
   * The id, `inv_…`.
   *
   * @since 0.1.0
   */
  get id(): InvitationId {
    return this.invitation.id
  }

  /**
   * The invited e-mail address.
   *
   * @since 0.1.0
   */
  get emailAddress(): string {
    return this.invitation.emailAddress
  }

  /**
   * `"pending"`, `"accepted"`, `"revoked"`, `"expired"`, or a status that Clerk adds later.
   *
   * @since 0.1.0
   */
  get status(): AnyInvitationStatus {
    return this.invitation.status
  }

  /**
   * Whether the status is `"pending"`: only then can the invitation be accepted.
   *
   * @since 0.1.0
   */
  get isPending(): boolean {
    return this.invitation.isPending
  }

  /**
   * Clerk's `revoked` flag; `undefined` if Clerk leaves it out. Prefer `status`, which is always present.
   *
   * @since 0.1.0
   */
  get revoked(): boolean | undefined {
    return this.invitation.revoked
  }

  /**
   * The accept link, a secret; `None` if Clerk leaves it out.
   *
   * @since 0.1.0
   */
  get url(): Option.Option<Redacted.Redacted> {
    return this.invitation.url
  }

  /**
   * When the invitation expires; `None` if Clerk leaves it out.
   *
   * @since 0.1.0
   */
  get expiresAt(): Option.Option<DateTime.Utc> {
    return this.invitation.expiresAt
  }

  /**
   * When the invitation was created.
   *
   * @since 0.1.0
   */
  get createdAt(): DateTime.Utc {
    return this.invitation.createdAt
  }

  /**
   * When the invitation was last changed.
   *
   * @since 0.1.0
   */
  get updatedAt(): DateTime.Utc {
    return this.invitation.updatedAt
  }

  /**
   * Two typed invitations are equal if their invitations are; received metadata is compared as JSON.
   *
   * @since 0.1.0
   */
  [Equal.symbol](that: unknown): boolean {
    return that instanceof TypedInvitation && Equal.equals(this.invitation, that.invitation)
  }

  /**
   * @since 0.1.0
   */
  [Hash.symbol](): number {
    return Hash.hash(this.invitation)
  }
}

/**
 * The schema of a {@link TypedInvitation}, which carries it through an `HttpApi`, an RPC, a queue or a workflow. The encoded
 * form is that of `Invitation`, without the accept link. Its metadata contains only what the schema of the metadata encodes.
 *
 * The `ParseError` of a failed decode or encode can contain the metadata: do not log it or send it to a client. A
 * `MetadataMismatch` of `TypedMetadata` contains no metadata in its message.
 *
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import * as TypedInvitation from "@effect-clerk/core/TypedInvitation"
 * import { Schema } from "effect"
 *
 * const TeamInvitation = TypedInvitation.schema(Schema.Struct({ team: Schema.NonEmptyString }))
 *
 * export const toBrowser = Schema.encodeSync(Schema.Array(TeamInvitation))
 * ```
 */
export const schema = <A, I extends Metadata.Input>(
  metadata: Schema.Schema<A, I>
): Schema.Schema<TypedInvitation<A>, typeof Invitation.Encoded> => {
  const decode = ParseResult.decodeUnknown(metadata)
  const encode = ParseResult.encode(metadata)
  const isMetadata = Schema.is(metadata)
  return Schema.transformOrFail(
    Invitation,
    Schema.declare((value): value is TypedInvitation<A> =>
      value instanceof TypedInvitation && isMetadata(value.publicMetadata)
    ),
    {
      strict: true,
      decode: (invitation) =>
        Effect.map(
          decode(invitation.publicMetadata),
          (publicMetadata) => new TypedInvitation(invitation, publicMetadata)
        ),
      encode: ({ invitation, publicMetadata }, _options, ast) =>
        Effect.flatMap(encode(publicMetadata), (encoded) =>
          Metadata.isMetadata(encoded)
            ? ParseResult.succeed(new Invitation({ ...invitation, publicMetadata: encoded }))
            : ParseResult.fail(
              new ParseResult.Type(ast, publicMetadata, `publicMetadata must be ${Field.metadataForm}`)
            ))
    }
  ).annotations({ identifier: "TypedInvitation" })
}
