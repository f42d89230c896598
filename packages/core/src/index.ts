/**
 * @since 0.1.0
 */
export * from "./CreateInvitation.js"
export * as EmailAddress from "./EmailAddress.js"
export * from "./ErrorDetail.js"
export * from "./Invitation.js"
export * from "./InvitationError.js"
export * from "./InvitationPage.js"
export * from "./InvitationsPrimitives.js"
export * from "./InvitationsService.js"
export * as InviteMany from "./InviteMany.js"
export * as InviteOutcome from "./InviteOutcome.js"
export * as InviteProgress from "./InviteProgress.js"
export * from "./ListInvitations.js"
export * as Metadata from "./Metadata.js"
export * as RateLimits from "./RateLimits.js"
export * as RevokeMany from "./RevokeMany.js"
export * as RevokeOutcome from "./RevokeOutcome.js"
