import { DeletedInvitation, Invitation, InvitationId } from "@effect-clerk/core/Invitation"
import { InvitationPage } from "@effect-clerk/core/InvitationPage"
import { ReceivedMetadata } from "@effect-clerk/core/Metadata"
import * as Schema from "effect/Schema"

const object = Schema.Literal("invitation").pipe(
  Schema.propertySignature,
  Schema.withConstructorDefault(() => "invitation" as const)
)

/**
 * An invitation as Clerk sends it: snake_case, times in Unix milliseconds, with the accept link in clear text. Unknown fields
 * are ignored.
 */
export const InvitationRow = Schema.transform(
  Schema.Struct({
    object,
    id: InvitationId,
    emailAddress: Schema.propertySignature(Schema.String).pipe(Schema.fromKey("email_address")),
    publicMetadata: Schema.optionalWith(ReceivedMetadata, { default: () => ({}), nullable: true }).pipe(
      Schema.fromKey("public_metadata")
    ),
    status: Schema.String,
    revoked: Schema.optionalWith(Schema.Boolean, { exact: true, nullable: true }),
    url: Schema.optionalWith(Schema.Redacted(Schema.String), { as: "Option", nullable: true }),
    expiresAt: Schema.optionalWith(Schema.DateTimeUtcFromNumber, { as: "Option", nullable: true }).pipe(
      Schema.fromKey("expires_at")
    ),
    createdAt: Schema.propertySignature(Schema.DateTimeUtcFromNumber).pipe(Schema.fromKey("created_at")),
    updatedAt: Schema.propertySignature(Schema.DateTimeUtcFromNumber).pipe(Schema.fromKey("updated_at"))
  }),
  Schema.typeSchema(Invitation),
  {
    strict: true,
    decode: ({ object: _, ...fields }) => new Invitation(fields, { disableValidation: true }),
    encode: (invitation) => ({ ...invitation, object: "invitation" as const })
  }
).annotations({ identifier: "Invitation" })

/**
 * Clerk's response to a delete.
 */
export const DeletedRow = Schema.transform(
  Schema.Struct({ object, id: InvitationId, deleted: Schema.Literal(true) }),
  Schema.typeSchema(DeletedInvitation),
  {
    strict: true,
    decode: ({ id }) => new DeletedInvitation({ id }, { disableValidation: true }),
    encode: ({ id }) => ({ object: "invitation" as const, id, deleted: true as const })
  }
).annotations({ identifier: "DeletedInvitation" })

/**
 * Clerk's response to a list with `paginated=true`.
 */
export const PageBody = Schema.transform(
  Schema.Struct({
    data: Schema.Array(InvitationRow),
    totalCount: Schema.propertySignature(Schema.NonNegativeInt).pipe(Schema.fromKey("total_count"))
  }),
  Schema.typeSchema(InvitationPage),
  {
    strict: true,
    decode: (fields) => new InvitationPage(fields, { disableValidation: true }),
    encode: ({ data, totalCount }) => ({ data, totalCount })
  }
).annotations({ identifier: "InvitationPage" })
