/**
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Invitation } from "./Invitation.js"

/**
 * One page of a list. Its encoded side is Clerk's response to a list with `paginated=true`.
 *
 * @since 0.1.0
 * @category models
 * @see https://clerk.com/docs/reference/backend-api/tag/Invitations#operation/ListInvitations
 */
export class InvitationPage extends Schema.Class<InvitationPage>("@effect-clerk/core/InvitationPage")({
  /** The invitations of this page, in the requested order. */
  data: Schema.Array(Invitation),
  /** How many invitations match on all pages together. */
  totalCount: Schema.propertySignature(Schema.NonNegativeInt).pipe(Schema.fromKey("total_count")),
  /**
   * Whether the server sent `totalCount`. If false, `totalCount` is a lower bound: `offset` plus the rows of this page.
   */
  totalIsKnown: Schema.optionalToRequired(Schema.Literal(false), Schema.Boolean, {
    decode: Option.isNone,
    encode: (known) => known ? Option.none() : Option.some(false as const)
  }).pipe(Schema.withConstructorDefault(() => true))
}) {}
