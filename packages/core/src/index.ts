/**
 * @since 0.1.0
 */
export * as CreateInvitation from "./CreateInvitation.js"
export * as EmailAddress from "./EmailAddress.js"
export * as ErrorDetail from "./ErrorDetail.js"
export * as Invitation from "./Invitation.js"
export * as InvitationError from "./InvitationError.js"
export * as InvitationPage from "./InvitationPage.js"
export * as InvitationsPrimitives from "./InvitationsPrimitives.js"
export { InvitationsService } from "./InvitationsService.js"
export * as InviteMany from "./InviteMany.js"
export * as InviteOutcome from "./InviteOutcome.js"
export * as InviteProgress from "./InviteProgress.js"
export * as ListInvitations from "./ListInvitations.js"
export * as Metadata from "./Metadata.js"
export * as RateLimits from "./RateLimits.js"
export * as RevokeMany from "./RevokeMany.js"
export * as RevokeOutcome from "./RevokeOutcome.js"
