/**
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Invitation } from "./Invitation.js"

/**
 * One page of a list. Its encoded side is what Clerk answers to `paginated=true`.
 *
 * @since 0.1.0
 * @category models
 */
export class InvitationPage extends Schema.Class<InvitationPage>("@effect-clerk/core/InvitationPage")({
  /** The rows, in the order that was asked for. */
  data: Schema.Array(Invitation),
  /** How many invitations match in all, on this page or not. */
  totalCount: Schema.propertySignature(Schema.NonNegativeInt).pipe(Schema.fromKey("total_count")),
  /**
   * Whether the server said `totalCount`. Where it left it out, `totalCount` is the least it can be: the rows skipped
   * and the rows of this page.
   */
  totalIsKnown: Schema.optionalToRequired(Schema.Literal(false), Schema.Boolean, {
    decode: Option.isNone,
    encode: (known) => known ? Option.none() : Option.some(false as const)
  }).pipe(Schema.withConstructorDefault(() => true))
}) {}
