/**
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Invitation } from "./Invitation.js"

/**
 * One page of a list.
 *
 * @since 0.1.0
 * @category models
 * @see https://clerk.com/docs/reference/backend-api/tag/Invitations#operation/ListInvitations
 */
export class InvitationPage extends Schema.Class<InvitationPage>("@effect-clerk/core/InvitationPage")({
  /** The invitations of this page, in the requested order. */
  data: Schema.Array(Invitation),
  /** How many invitations match on all pages together. */
  totalCount: Schema.NonNegativeInt,
  /**
   * Whether the server sent `totalCount`. If false, `totalCount` is a lower bound: `offset` plus the rows of this page.
   */
  totalIsKnown: Schema.Boolean.pipe(Schema.propertySignature, Schema.withConstructorDefault(() => true))
}) {}
