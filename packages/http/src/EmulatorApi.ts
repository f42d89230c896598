/**
 * What the emulator serves: the contract of Clerk, and below `/_emulator` the endpoints behind its page, which play the world
 * around it as `InvitationsControl` does. Programs in any language may call them; browsers only from the page itself.
 *
 * @since 0.1.0
 */
import { TemplateSlug } from "@effect-clerk/core/CreateInvitation"
import { EmailAddress } from "@effect-clerk/core/EmailAddress"
import { Invitation, InvitationId, InvitationStatus } from "@effect-clerk/core/Invitation"
import { Operation } from "@effect-clerk/core/InvitationError"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiMiddleware from "@effect/platform/HttpApiMiddleware"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { ClerkApi } from "./ClerkApi.js"
import { InvitationNotPending } from "./InvitationsControl.js"

/**
 * 403: another site asked, in a browser, or the emulator was reached under a name that is not of this machine.
 *
 * @since 0.1.0
 * @category errors
 */
export class CrossSiteRequest extends Schema.TaggedError<CrossSiteRequest>("@effect-clerk/http/ForeignOrigin")(
  "ForeignOrigin",
  {
    /** The header that names another site. */
    reason: Schema.Literal("Host", "Origin", "Sec-Fetch-Site")
  },
  HttpApiSchema.annotations({ status: 403 })
) {
  /** @since 0.1.0 */
  override get message(): string {
    return `The emulator is not controlled from other sites: the header ${this.reason} names one`
  }
}

/**
 * Lets in what comes from this machine: programs, and of web pages only the emulator's own.
 *
 * @since 0.1.0
 * @category middleware
 */
export class SameOrigin extends HttpApiMiddleware.Tag<SameOrigin>()("@effect-clerk/http/EmulatorApi/SameOrigin", {
  failure: CrossSiteRequest
}) {}

/**
 * What a call is answered with in place of the proper answer, as JSON. Durations are in milliseconds.
 *
 * @since 0.1.0
 * @category schemas
 */
export const FaultResponse = Schema.Union(
  Schema.TaggedStruct("Status", {
    status: Schema.Int.pipe(Schema.between(200, 599)),
    code: Schema.optional(Schema.String),
    retryAfter: Schema.optional(Schema.String),
    html: Schema.optional(Schema.Boolean)
  }),
  Schema.TaggedStruct("Body", {
    body: Schema.String,
    status: Schema.optional(Schema.Int.pipe(Schema.between(200, 599))),
    contentType: Schema.optional(Schema.String)
  }),
  Schema.TaggedStruct("Truncated", {}),
  Schema.TaggedStruct("Reset", {}),
  Schema.TaggedStruct("Stall", { at: Schema.Literal("headers", "body") }),
  Schema.TaggedStruct("Drip", { every: Schema.DurationFromMillis })
).annotations({ identifier: "FaultResponse" })

/**
 * A call that goes wrong, as JSON.
 *
 * @since 0.1.0
 * @category schemas
 */
export const FaultPlan = Schema.Struct({
  response: FaultResponse,
  commit: Schema.Union(Schema.Literal("never", "before"), Schema.DurationFromMillis),
  operation: Schema.optional(Operation),
  nth: Schema.optional(Schema.Int.pipe(Schema.positive())),
  times: Schema.optional(Schema.Int.pipe(Schema.positive()))
}).annotations({ identifier: "FaultPlan" })

const Count = Schema.Int.pipe(Schema.nonNegative())

const Quota = Schema.Struct({
  limit: Count,
  window: Schema.DurationFromMillis,
  remaining: Schema.Int,
  resetsAt: Schema.OptionFromNullOr(Schema.DateTimeUtcFromNumber)
}).annotations({ identifier: "Quota" })

const Link = Schema.Redacted(Schema.String)

/**
 * What there is to see, as JSON: of everything that grows the newest only, the newest first. Times are Unix milliseconds.
 *
 * @since 0.1.0
 * @category schemas
 */
export const EmulatorState = Schema.Struct({
  now: Schema.DateTimeUtcFromNumber,
  /** True if every key that begins with `sk_test_` is accepted; false if only the key that the emulator was started with is. */
  acceptsAnyTestKey: Schema.Boolean,
  invitations: Schema.Struct({
    counts: Schema.Struct({ pending: Count, accepted: Count, revoked: Count, expired: Count }),
    /** How many match what was asked for. */
    matching: Count,
    newest: Schema.Array(Invitation)
  }),
  emails: Schema.Struct({
    total: Count,
    newest: Schema.Array(Schema.Struct({
      to: Schema.String,
      invitationId: InvitationId,
      templateSlug: TemplateSlug,
      url: Link,
      sentAt: Schema.DateTimeUtcFromNumber,
      /** The status of the invitation by now; null once it is deleted. */
      status: Schema.NullOr(InvitationStatus)
    }))
  }),
  requests: Schema.Array(Schema.Struct({
    number: Count,
    at: Schema.DateTimeUtcFromNumber,
    method: Schema.String,
    path: Schema.String,
    query: Link,
    body: Link,
    response: Schema.OptionFromNullOr(Schema.Struct({
      status: Schema.Int,
      duration: Schema.DurationFromMillis,
      body: Link
    })),
    fault: Schema.OptionFromNullOr(Schema.Literal("Status", "Body", "Truncated", "Reset", "Stall", "Drip"))
  })),
  users: Schema.Struct({ total: Count, newest: Schema.Array(Schema.String) }),
  pendingFaults: Schema.Array(FaultPlan),
  quotas: Schema.Union(
    Schema.Literal("off"),
    Schema.Struct({ all: Quota, create: Quota, createBulk: Quota })
  )
}).annotations({ identifier: "EmulatorState" })

/**
 * @since 0.1.0
 * @category schemas
 */
export type EmulatorState = typeof EmulatorState.Type

const id = HttpApiSchema.param("invitation_id", Schema.String)

// 200 what there is to see
const state = HttpApiEndpoint.get("state", "/state")
  .setUrlParams(Schema.Struct({ status: Schema.optional(InvitationStatus), query: Schema.optional(Schema.String) }))
  .addSuccess(EmulatorState)
  .annotate(OpenApi.Summary, "What there is to see")

// 200 an event at once, and one after each change
const events = HttpApiEndpoint.get("events", "/events")
  .addSuccess(HttpApiSchema.Text({ contentType: "text/event-stream" }))
  .annotate(OpenApi.Summary, "A server-sent event whenever there is something new to see")

// 200 the accepted invitation · 409 it is not pending
const accept = HttpApiEndpoint.post("accept")`/invitations/${id}/accept`
  .addSuccess(Invitation)
  .addError(InvitationNotPending, { status: 409 })
  .annotate(OpenApi.Summary, "Have the invited person sign up")

// 200 the expired invitation · 409 it is not pending
const expire = HttpApiEndpoint.post("expire")`/invitations/${id}/expire`
  .addSuccess(Invitation)
  .addError(InvitationNotPending, { status: 409 })
  .annotate(OpenApi.Summary, "Have an invitation expire now")

// 204 it is revoked if it could be
const revoke = HttpApiEndpoint.post("revoke")`/invitations/${id}/revoke`
  .addSuccess(HttpApiSchema.NoContent)
  .annotate(OpenApi.Summary, "Have somebody else revoke an invitation, without a call")

// 204 it is gone if it was there
const remove = HttpApiEndpoint.del("delete")`/invitations/${id}`
  .addSuccess(HttpApiSchema.NoContent)
  .annotate(OpenApi.Summary, "Have somebody else delete an invitation, without a call")

// 204 the address belongs to a user · 400 it is none
const addUser = HttpApiEndpoint.post("addUser", "/users")
  .setPayload(
    Schema.Struct({ emailAddress: Schema.propertySignature(EmailAddress).pipe(Schema.fromKey("email_address")) })
  )
  .addSuccess(HttpApiSchema.NoContent)
  .annotate(OpenApi.Summary, "Make an address a user")

// 204 it will strike · 400 there is no such fault
const plan = HttpApiEndpoint.post("plan", "/faults")
  .setPayload(FaultPlan)
  .addSuccess(HttpApiSchema.NoContent)
  .annotate(OpenApi.Summary, "Make a call go wrong")

// 204 the limits are switched
const rateLimits = HttpApiEndpoint.put("rateLimits", "/rate-limits")
  .setPayload(Schema.Struct({ limits: Schema.Literal("off", "development", "production") }))
  .addSuccess(HttpApiSchema.NoContent)
  .annotate(OpenApi.Summary, "Switch limits on or off; what has been used up so far is forgotten")

// 204 nothing is left
const reset = HttpApiEndpoint.post("reset", "/reset")
  .addSuccess(HttpApiSchema.NoContent)
  .annotate(OpenApi.Summary, "Forget everything")

/**
 * The endpoints below `/_emulator`. Without a key: whoever is on this machine may call them.
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
  .add(addUser)
  .add(plan)
  .add(rateLimits)
  .add(reset)
  .middleware(SameOrigin)
  .prefix("/_emulator")
{}

/**
 * Clerk's endpoints and the emulator's own.
 *
 * @since 0.1.0
 * @category contract
 * @example
 * ```ts
 * import { EmulatorApi } from "@effect-clerk/http"
 * import { HttpApiClient } from "@effect/platform"
 * import { Effect } from "effect"
 *
 * // Plays the world around an emulator in another process.
 * export const acceptAll = Effect.gen(function*() {
 *   const { emulator } = yield* HttpApiClient.make(EmulatorApi.EmulatorApi, { baseUrl: "http://127.0.0.1:4010" })
 *   const { invitations } = yield* emulator.state({ urlParams: { status: "pending" } })
 *   yield* Effect.forEach(invitations.newest, ({ id }) => emulator.accept({ path: { invitation_id: id } }))
 * })
 * ```
 */
export class EmulatorApi extends ClerkApi.add(EmulatorGroup) {}
