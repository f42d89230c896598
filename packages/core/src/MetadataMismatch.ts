/**
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { Invitation, InvitationId } from "./Invitation.js"
import { InvalidField } from "./InvitationError.js"

// The encoded fields, which do not include the invitation.
class MismatchFields extends Schema.TaggedError<MismatchFields>("@effect-clerk/core/MetadataMismatchFields")(
  "MetadataMismatch",
  {
    /** The id of the invitation. */
    id: InvitationId,
    /**
     * The parts of the metadata that do not match; never empty. A path begins with `publicMetadata` and names only keys of
     * the schema: every other key is `(a field)`. A message describes what the schema expects, never the value.
     */
    issues: Schema.NonEmptyArray(InvalidField)
  }
) {}

/**
 * The metadata of an invitation does not match the schema of {@link TypedMetadata.make}. Another client, or an older
 * version of the application, may have created the invitation.
 *
 * The message, `toJSON`, `inspect` and the encoded form contain the id and the issues. They contain no metadata, no address
 * and no accept link.
 *
 * @since 0.1.0
 * @category errors
 */
export class MetadataMismatch extends MismatchFields.transformOrFail<MetadataMismatch>(
  "@effect-clerk/core/MetadataMismatch"
)({
  /** The invitation with its untyped metadata. `None` only in a decoded error, because the encoded form drops it. */
  invitation: Schema.OptionFromSelf(Schema.RedactedFromSelf(Schema.typeSchema(Invitation)))
}, {
  decode: (fields) => ParseResult.succeed({ ...fields, invitation: Option.none() }),
  encode: ({ invitation: _, ...fields }) => ParseResult.succeed(fields)
}) {
  /** @since 0.1.0 */
  override get message(): string {
    const issues = this.issues.map(({ message, path }) => `${path} ${message}`)
    return `The metadata of invitation ${this.id} does not match the schema: ${issues.join("; ")}`
  }
}
