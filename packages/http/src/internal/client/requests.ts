import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import type { InvitationId } from "@effect-clerk/core/Invitation"
import type { ListInvitations } from "@effect-clerk/core/ListInvitations"
import { toCreateBody, toQueryString } from "../wire/request.js"
import type { Request } from "./transport.js"

export const create = (request: CreateInvitation): Request => ({
  operation: "create",
  method: "POST",
  path: "/invitations",
  template: "/invitations",
  body: JSON.stringify(toCreateBody(request))
})

export const createBulk = (requests: ReadonlyArray<CreateInvitation>): Request => ({
  operation: "createBulk",
  method: "POST",
  path: "/invitations/bulk",
  template: "/invitations/bulk",
  body: JSON.stringify(requests.map(toCreateBody))
})

export const list = (params: ListInvitations): Request => ({
  operation: "list",
  method: "GET",
  path: "/invitations",
  template: "/invitations",
  search: toQueryString(params)
})

export const revoke = (id: InvitationId): Request => ({
  operation: "revoke",
  method: "POST",
  path: `/invitations/${encodeURIComponent(id)}/revoke`,
  template: "/invitations/{invitation_id}/revoke"
})

export const remove = (id: InvitationId): Request => ({
  operation: "delete",
  method: "DELETE",
  path: `/invitations/${encodeURIComponent(id)}`,
  template: "/invitations/{invitation_id}"
})
