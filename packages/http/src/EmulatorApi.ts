/**
 * The contract of the emulator: Clerk's endpoints, and below `/_emulator` the endpoints of its page, which do what
 * `InvitationsControl` does. Programs in any language may call them. Browsers may call them from the page only.
 *
 * @since 0.1.0
 */
import { EmailAddress } from "@effect-clerk/core/EmailAddress"
import { InstanceRefusalCode } from "@effect-clerk/core/ErrorDetail"
import { InvitationStatus } from "@effect-clerk/core/Invitation"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiMiddleware from "@effect/platform/HttpApiMiddleware"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { Authorization, ClerkApi } from "./ClerkApi.js"
import * as Fault from "./Fault.js"
import { InvitationRow } from "./internal/wire/invitation.js"
import { TotalCount, UserRow } from "./internal/wire/user.js"
import { InvalidTicket, InvitationNotPending, InvitationsControl } from "./InvitationsControl.js"

/**
 * 403: a page of another site sent the request, or the `Host` header is not allowed.
 *
 * @since 0.1.0
 * @category errors
 */
export class CrossSiteRequest extends Schema.TaggedError<CrossSiteRequest>("@effect-clerk/http/CrossSiteRequest")(
  "CrossSiteRequest",
  {
    /** The header that names the other site. */
    reason: Schema.Literal("Host", "Origin", "Sec-Fetch-Site")
  },
  HttpApiSchema.annotations({ status: 403 })
) {
  /** @since 0.1.0 */
  override get message(): string {
    return `Cross-site request rejected: the ${this.reason} header names another site`
  }
}

/**
 * Rejects requests that a page of another site makes a browser send.
 *
 * @since 0.1.0
 * @category middleware
 */
export class SameOrigin extends HttpApiMiddleware.Tag<SameOrigin>()("@effect-clerk/http/EmulatorApi/SameOrigin", {
  failure: CrossSiteRequest
}) {}

const InstanceRefusal = Schema.Union(InstanceRefusalCode, Schema.Literal("off"))

const Count = Schema.Int.pipe(Schema.nonNegative())

/**
 * The state of the emulator, as JSON. Lists contain the newest entries only, newest first. Times are Unix milliseconds.
 *
 * @since 0.1.0
 * @category schemas
 */
export const EmulatorState = Schema.Struct({
  /** The time of the emulator's clock. */
  now: Schema.DateTimeUtcFromNumber,
  /**
   * True if every key that begins with `sk_test_` is accepted; false if only the key that the emulator was started with
   * is.
   */
  acceptsAnyTestKey: Schema.Boolean,
  invitations: Schema.Struct({
    /** The number of all invitations, by status. */
    counts: Schema.Struct({ pending: Count, accepted: Count, revoked: Count, expired: Count }),
    /** The number of invitations that match the filter. */
    matching: Count,
    /** The newest 100 that match the filter. */
    newest: Schema.Array(InvitationRow)
  }),
  emails: Schema.Struct({
    total: Count,
    /** The newest 50. */
    newest: Schema.Array(Schema.Struct({
      ...InvitationsControl.Email.fields,
      /** The current status of the invitation; null if it is deleted. */
      status: Schema.NullOr(InvitationStatus)
    }))
  }),
  /** The last 100. */
  requests: Schema.Array(InvitationsControl.Request),
  users: Schema.Struct({
    total: Count,
    /** The newest 20. */
    newest: Schema.Array(InvitationsControl.User)
  }),
  /** The fault plans that will still affect calls. */
  pendingFaults: Schema.Array(Fault.Plan),
  quotas: Schema.Union(Schema.Literal("off"), InvitationsControl.Quotas),
  /** The code with which the instance refuses every create. */
  instanceRefusal: InstanceRefusal
}).annotations({ identifier: "EmulatorState" })

/**
 * @since 0.1.0
 * @category schemas
 */
export type EmulatorState = typeof EmulatorState.Type

const id = HttpApiSchema.param("invitation_id", Schema.String)

// 200 the state
const state = HttpApiEndpoint.get("state", "/state")
  .setUrlParams(Schema.Struct({ status: Schema.optional(InvitationStatus), query: Schema.optional(Schema.String) }))
  .addSuccess(EmulatorState)
  .annotate(OpenApi.Summary, "Get the emulator's state")

// 200 one event at the start, and one after each change
const events = HttpApiEndpoint.get("events", "/events")
  .addSuccess(HttpApiSchema.Text({ contentType: "text/event-stream" }))
  .annotate(OpenApi.Summary, "Stream a server-sent event after each change")

// 200 the accepted invitation · 409 it is not pending
const accept = HttpApiEndpoint.post("accept")`/invitations/${id}/accept`
  .addSuccess(InvitationRow)
  .addError(InvitationNotPending, { status: 409 })
  .annotate(OpenApi.Summary, "Accept an invitation as the invited person")

// 200 the expired invitation · 409 it is not pending
const expire = HttpApiEndpoint.post("expire")`/invitations/${id}/expire`
  .addSuccess(InvitationRow)
  .addError(InvitationNotPending, { status: 409 })
  .annotate(OpenApi.Summary, "Expire an invitation now")

// 204 revoked, or nothing to revoke
const revoke = HttpApiEndpoint.post("revoke")`/invitations/${id}/revoke`
  .addSuccess(HttpApiSchema.NoContent)
  .annotate(OpenApi.Summary, "Revoke an invitation as another client")

// 204 deleted, or no such invitation
const remove = HttpApiEndpoint.del("delete")`/invitations/${id}`
  .addSuccess(HttpApiSchema.NoContent)
  .annotate(OpenApi.Summary, "Delete an invitation as another client")

// 200 the accepted invitation · 409 it is not pending · 422 the emulator did not sign the ticket
const acceptTicket = HttpApiEndpoint.post("acceptTicket", "/tickets/accept")
  .setPayload(Schema.Struct({ ticket: Schema.String }))
  .addSuccess(InvitationRow)
  .addError(InvitationNotPending, { status: 409 })
  .addError(InvalidTicket, { status: 422 })
  .annotate(OpenApi.Summary, "Accept the invitation of an accept link as the invited person")

// 204 user added · 400 invalid e-mail address
const addUser = HttpApiEndpoint.post("addUser", "/users")
  .setPayload(
    Schema.Struct({ emailAddress: Schema.propertySignature(EmailAddress).pipe(Schema.fromKey("email_address")) })
  )
  .addSuccess(HttpApiSchema.NoContent)
  .annotate(OpenApi.Summary, "Add a user")

// 204 plan added · 400 invalid plan
const plan = HttpApiEndpoint.post("plan", "/faults")
  .setPayload(Fault.Plan)
  .addSuccess(HttpApiSchema.NoContent)
  .annotate(OpenApi.Summary, "Add a fault plan")

// 204 limits replaced
const rateLimits = HttpApiEndpoint.put("rateLimits", "/rate-limits")
  .setPayload(Schema.Struct({ limits: Schema.Literal("off", "development", "production") }))
  .addSuccess(HttpApiSchema.NoContent)
  .annotate(OpenApi.Summary, "Replace the rate limits; all quotas start full")

// 204 refusal replaced
const instanceRefusal = HttpApiEndpoint.put("instanceRefusal", "/instance-refusal")
  .setPayload(Schema.Struct({ code: InstanceRefusal }))
  .addSuccess(HttpApiSchema.NoContent)
  .annotate(OpenApi.Summary, "Make the instance refuse every create, or end it")

// 204 everything removed
const reset = HttpApiEndpoint.post("reset", "/reset")
  .addSuccess(HttpApiSchema.NoContent)
  .annotate(OpenApi.Summary, "Remove everything and restore the initial rate limits")

/**
 * The endpoints below `/_emulator`. They need no secret key.
 *
 * @since 0.1.0
 * @category contract
 */
export class EmulatorGroup extends HttpApiGroup.make("emulator")
  .add(state)
  .add(events)
  .add(accept)
  .add(expire)
  .add(revoke)
  .add(remove)
  .add(acceptTicket)
  .add(addUser)
  .add(plan)
  .add(rateLimits)
  .add(instanceRefusal)
  .add(reset)
  .middleware(SameOrigin)
  .prefix("/_emulator")
{}

const UsersQuery = Schema.Struct({
  email_address: Schema.optional(Schema.Union(Schema.String, Schema.Array(Schema.String))),
  limit: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.positive())),
  offset: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative()))
})

// 200 the users, newest first
const users = HttpApiEndpoint.get("list", "/users")
  .setUrlParams(UsersQuery)
  .addSuccess(Schema.Array(UserRow))
  .annotate(OpenApi.Summary, "List users")

// 200 the number of users
const usersCount = HttpApiEndpoint.get("count", "/users/count")
  .setUrlParams(UsersQuery)
  .addSuccess(TotalCount)
  .annotate(OpenApi.Summary, "Count users")

/**
 * Two of Clerk's user endpoints, read-only: they show that an accepted invitation made its address a user. No rate limit
 * and no fault affects them.
 *
 * @since 0.1.0
 * @category contract
 * @see https://clerk.com/docs/reference/backend-api/tag/Users
 */
export class UsersGroup extends HttpApiGroup.make("users")
  .add(users)
  .add(usersCount)
  .middleware(Authorization)
  .prefix("/v1")
{}

/**
 * Clerk's endpoints and the emulator's own.
 *
 * @since 0.1.0
 * @category contract
 * @example
 * ```ts
 * import * as EmulatorApi from "@effect-clerk/http/EmulatorApi"
 * import { HttpApiClient } from "@effect/platform"
 * import { Effect } from "effect"
 *
 * // Accepts all pending invitations of an emulator in another process.
 * export const acceptAll = Effect.gen(function*() {
 *   const { emulator } = yield* HttpApiClient.make(EmulatorApi.EmulatorApi, { baseUrl: "http://127.0.0.1:4010" })
 *   const { invitations } = yield* emulator.state({ urlParams: { status: "pending" } })
 *   yield* Effect.forEach(invitations.newest, ({ id }) => emulator.accept({ path: { invitation_id: id } }))
 * })
 * ```
 */
export class EmulatorApi extends ClerkApi.add(UsersGroup).add(EmulatorGroup) {}
