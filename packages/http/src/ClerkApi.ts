/**
 * The contract of the Invitations API. The emulator implements it, and its OpenAPI document is derived from it.
 *
 * @since 0.1.0
 * @see https://clerk.com/docs/reference/backend-api/tag/Invitations
 */
import { maxBulkSize } from "@effect-clerk/core/CreateInvitation"
import { InvitationStatus } from "@effect-clerk/core/Invitation"
import { OrderBy } from "@effect-clerk/core/ListInvitations"
import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiMiddleware from "@effect/platform/HttpApiMiddleware"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as HttpApiSecurity from "@effect/platform/HttpApiSecurity"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { ErrorRow } from "./internal/wire/errorBody.js"
import { DeletedRow, InvitationRow, PageBody } from "./internal/wire/invitation.js"
import * as Request from "./internal/wire/request.js"

/**
 * The body of every error response.
 *
 * @since 0.1.0
 * @category schemas
 */
export class ClerkErrors extends Schema.Class<ClerkErrors>("ClerkErrors")({
  /** The errors. */
  errors: Schema.Array(ErrorRow),
  /** The id of the request, for Clerk's support. */
  traceId: Schema.optional(Schema.String).pipe(Schema.fromKey("clerk_trace_id"))
}) {}

const errors = (status: number, description: string) =>
  ClerkErrors.annotations({ ...HttpApiSchema.annotations({ status }), description })

const BadRequest = errors(400, "A pending invitation exists, or the invitation is not active")
const Unauthenticated = errors(401, "The secret key is missing, malformed or not valid")
const Forbidden = errors(403, "The secret key lacks the permission, or a quota of the plan is exhausted")
const NotFound = errors(404, "No invitation has the id")
const Locked = errors(409, "Another request is changing the invitation")
const Unprocessable = errors(422, "A field is invalid, or the address belongs to a user")
const TooMany = errors(429, "A rate limit is exhausted; the Retry-After header gives the wait in seconds")
const Failed = errors(500, "Internal error")

/**
 * The body of a create, in snake_case.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CreateBody = Request.CreateBody

/**
 * Checks the secret key.
 *
 * @since 0.1.0
 * @category middleware
 */
export class Authorization extends HttpApiMiddleware.Tag<Authorization>()("@effect-clerk/http/ClerkApi/Authorization", {
  failure: Unauthenticated,
  security: { bearerAuth: HttpApiSecurity.bearer }
}) {}

/**
 * The query string of a list. With repeated `status` parameters, a row matches if it has one of them. As Clerk does, the emulator accepts and ignores a limit above 500.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListQuery = Schema.Struct({
  status: Schema.optional(Schema.Union(InvitationStatus, Schema.Array(InvitationStatus))),
  query: Schema.optional(Schema.String),
  order_by: Schema.optional(OrderBy),
  paginated: Schema.optional(Schema.BooleanFromString),
  limit: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.positive())),
  offset: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative()))
})

const id = HttpApiSchema.param("invitation_id", Schema.String)

// 200 the invitation · 400 duplicate_record · 422 form_identifier_exists, form_param_*
const create = HttpApiEndpoint.post("create", "/invitations")
  .setPayload(CreateBody)
  .addSuccess(InvitationRow)
  .addError(BadRequest)
  .addError(Unprocessable)
  .annotate(OpenApi.Summary, "Create an invitation")

// 200 all invitations (a bulk create is atomic) · 400 duplicate_record, bulk_size_exceeded
// 422 form_identifier_exists, form_param_*
const createBulk = HttpApiEndpoint.post("createBulk", "/invitations/bulk")
  .setPayload(Schema.Array(CreateBody).pipe(Schema.minItems(1), Schema.maxItems(maxBulkSize)))
  .addSuccess(Schema.Array(InvitationRow))
  .addError(BadRequest)
  .addError(Unprocessable)
  .annotate(OpenApi.Summary, "Create 1 to 10 invitations")

// 200 a page, or the bare rows without paginated=true · 422 form_param_value_invalid
const list = HttpApiEndpoint.get("list", "/invitations")
  .setUrlParams(ListQuery)
  .addSuccess(Schema.Union(PageBody, Schema.Array(InvitationRow)))
  .addError(Unprocessable)
  .annotate(OpenApi.Summary, "List invitations")

// 200 the revoked invitation · 400 invitation_already_revoked, invitation_already_accepted · 404 resource_not_found
const revoke = HttpApiEndpoint.post("revoke")`/invitations/${id}/revoke`
  .addSuccess(InvitationRow)
  .addError(BadRequest)
  .addError(NotFound)
  .annotate(OpenApi.Summary, "Revoke an invitation")

// 200 the id of the deleted invitation · 404 resource_not_found
const remove = HttpApiEndpoint.del("delete")`/invitations/${id}`
  .addSuccess(DeletedRow)
  .addError(NotFound)
  .annotate(OpenApi.Summary, "Delete an invitation")

/**
 * Clerk's five invitation endpoints, below `/v1`.
 *
 * @since 0.1.0
 * @category contract
 */
export class ClerkApi extends HttpApi.make("clerk")
  // First: the first schema that matches a failure decides its status, and no handler fails with another one.
  .addError(Unauthenticated)
  .add(
    HttpApiGroup.make("invitations")
      .add(create)
      .add(createBulk)
      .add(list)
      .add(revoke)
      .add(remove)
      .addError(Forbidden)
      .addError(Locked)
      .addError(TooMany)
      .addError(Failed)
      .middleware(Authorization)
      .prefix("/v1")
  )
  .annotate(OpenApi.Title, "Clerk Backend API (invitations only)")
  .annotate(OpenApi.Version, "2026-05-12")
{}
