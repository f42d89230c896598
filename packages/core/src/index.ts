/**
 * @since 0.1.0
 */
export * from "./CreateInvitation.js"
export * as EmailAddress from "./EmailAddress.js"
export * from "./ErrorDetail.js"
export * from "./Invitation.js"
export * as InvitationCodec from "./InvitationCodec.js"
export * from "./InvitationError.js"
export * from "./InvitationPage.js"
export * from "./InvitationsPrimitives.js"
export * from "./InvitationsService.js"
export * from "./ListInvitations.js"
export * as Metadata from "./Metadata.js"
export * as RateLimits from "./RateLimits.js"
