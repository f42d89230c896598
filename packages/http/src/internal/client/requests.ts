import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import type { InvitationId } from "@effect-clerk/core/Invitation"
import type { ListInvitations } from "@effect-clerk/core/ListInvitations"
import { toCreateBody, toQueryString } from "../wire/request.js"
import type { Request } from "./transport.js"

// In bytes. Metadata takes most of a row: Clerk limits it to 8 KB, and JSON may escape each of its characters with six.
const maxRow = 100_000
const maxRowOfPage = 64_000
const maxPage = 32_000_000
const defaultLimit = 10

export const create = (request: CreateInvitation): Request => ({
  operation: "create",
  method: "POST",
  path: "/invitations",
  template: "/invitations",
  maxBodySize: maxRow,
  body: JSON.stringify(toCreateBody(request))
})

export const createBulk = (requests: ReadonlyArray<CreateInvitation>): Request => ({
  operation: "createBulk",
  method: "POST",
  path: "/invitations/bulk",
  template: "/invitations/bulk",
  maxBodySize: maxRow * requests.length,
  body: JSON.stringify(requests.map(toCreateBody))
})

export const list = (params: ListInvitations): Request => ({
  operation: "list",
  method: "GET",
  path: "/invitations",
  template: "/invitations",
  maxBodySize: Math.min(maxPage, Math.max(maxRow, maxRowOfPage * (params.limit ?? defaultLimit))),
  search: toQueryString(params)
})

export const revoke = (id: InvitationId): Request => ({
  operation: "revoke",
  method: "POST",
  path: `/invitations/${encodeURIComponent(id)}/revoke`,
  template: "/invitations/{invitation_id}/revoke",
  maxBodySize: maxRow
})

export const remove = (id: InvitationId): Request => ({
  operation: "delete",
  method: "DELETE",
  path: `/invitations/${encodeURIComponent(id)}`,
  template: "/invitations/{invitation_id}",
  maxBodySize: maxRow
})
