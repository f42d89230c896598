/**
 * @since 0.1.0
 */
import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import { TemplateSlug } from "@effect-clerk/core/CreateInvitation"
import * as EmailAddress from "@effect-clerk/core/EmailAddress"
import type { InstanceRefusalCode } from "@effect-clerk/core/ErrorDetail"
import type { Invitation, InvitationStatus } from "@effect-clerk/core/Invitation"
import { InvitationId } from "@effect-clerk/core/Invitation"
import { Operation } from "@effect-clerk/core/InvitationError"
import { Metadata } from "@effect-clerk/core/Metadata"
import type { RateLimits } from "@effect-clerk/core/RateLimits"
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type * as Fault from "./Fault.js"
import type { Snapshot } from "./Snapshot.js"

/**
 * The invitation is not pending, so it can neither be accepted nor expire.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvitationNotPending extends Schema.TaggedError<InvitationNotPending>(
  "@effect-clerk/http/InvitationNotPending"
)("InvitationNotPending", {
  /** The id that was given. */
  id: Schema.String,
  /** The status of the invitation, or `"missing"` if no invitation has the id. */
  reason: Schema.Literal("missing", "accepted", "revoked", "expired")
}) {
  /** @since 0.1.0 */
  override get message(): string {
    return `${this.id} is not pending: it is ${this.reason}`
  }
}

/**
 * The emulator or the in-memory layer did not sign the ticket of the accept link.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidTicket extends Schema.TaggedError<InvalidTicket>("@effect-clerk/http/InvalidTicket")(
  "InvalidTicket",
  {}
) {
  /** @since 0.1.0 */
  override get message(): string {
    return "The ticket is not one of this instance: it is malformed, or its signature is wrong"
  }
}

const Sensitive = Schema.Redacted(Schema.String)

const Count = Schema.Int.pipe(Schema.nonNegative())

const Email = Schema.Struct({
  /** The invited address. */
  to: Schema.String,
  /** The id of the invitation. */
  invitationId: InvitationId,
  /** The template of the e-mail. */
  templateSlug: TemplateSlug,
  /** The accept link. */
  url: Sensitive,
  /** When Clerk would have sent the e-mail. */
  sentAt: Schema.DateTimeUtcFromNumber
}).annotations({ identifier: "Email" })

const User = Schema.Struct({
  /** `user_` and 27 characters. */
  id: Schema.String,
  /** The address, in lower case. */
  emailAddress: Schema.String,
  /** The metadata of the accepted invitation; `{}` if the user accepted none. */
  publicMetadata: Metadata,
  /** When the address became a user. */
  createdAt: Schema.DateTimeUtcFromNumber
}).annotations({ identifier: "User" })

const Call = Schema.Struct({
  /** The operation. */
  operation: Operation,
  /** When the call arrived. */
  at: Schema.DateTimeUtcFromNumber,
  /** `"ok"`, the error code of the response, or the tag of the injected fault. */
  outcome: Schema.String
}).annotations({ identifier: "Call" })

const Response = Schema.Struct({
  /** The HTTP status. */
  status: Schema.Int,
  /** The time from the arrival of the request to the response. */
  duration: Schema.DurationFromMillis,
  /** The first 4,000 characters. Empty if a fault streams the body. */
  body: Sensitive
}).annotations({ identifier: "Response" })

const Request = Schema.Struct({
  /** The number of the request, counted from 1. */
  number: Count,
  /** When the request arrived. */
  at: Schema.DateTimeUtcFromNumber,
  /** `GET`, `POST` or `DELETE`. */
  method: Schema.String,
  /** The path, without the query. */
  path: Schema.String,
  /** The raw query string, without the `?`. Empty if the request has none. */
  query: Sensitive,
  /** The first 4,000 characters. Empty if the request has no body, or was rejected before the body was read. */
  body: Sensitive,
  /** `None` while the request is in flight, and if the connection was closed before a response. */
  response: Schema.OptionFromNullOr(Response),
  /** The tag of the fault that was injected. */
  fault: Schema.OptionFromNullOr(Schema.Literal("Status", "Body", "Truncated", "Reset", "Stall", "Drip"))
}).annotations({ identifier: "Request" })

const Quota = Schema.Struct({
  /** The number of calls that the limit allows within a window. */
  limit: Count,
  /** The length of the window. */
  window: Schema.DurationFromMillis,
  /** The number of calls that the limit still allows now. */
  remaining: Schema.Int,
  /** When the oldest counted call leaves the window. `None` if no calls are counted. */
  resetsAt: Schema.OptionFromNullOr(Schema.DateTimeUtcFromNumber)
}).annotations({ identifier: "Quota" })

const Quotas = Schema.Struct({ all: Quota, create: Quota, createBulk: Quota }).annotations({ identifier: "Quotas" })

/**
 * Controls the in-memory layer and the emulator in tests: accepts invitations, adds users, injects faults, and shows
 * the e-mails and calls. `InvitationsMemory.layer` and `ClerkEmulator.layer` provide it.
 *
 * @since 0.1.0
 * @category services
 */
export class InvitationsControl extends Context.Tag("@effect-clerk/http/InvitationsControl")<
  InvitationsControl,
  InvitationsControl.Service
>() {
  /**
   * The schema of an e-mail. As JSON, times are Unix milliseconds and the accept link is in clear text.
   *
   * @since 0.1.0
   */
  static readonly Email = Email

  /**
   * The schema of a user. As JSON, the time is Unix milliseconds.
   *
   * @since 0.1.0
   */
  static readonly User = User

  /**
   * The schema of a call. As JSON, the time is Unix milliseconds.
   *
   * @since 0.1.0
   */
  static readonly Call = Call

  /**
   * The schema of a request. As JSON, times are Unix milliseconds, and query and bodies are in clear text.
   *
   * @since 0.1.0
   */
  static readonly Request = Request

  /**
   * The schema of a response. As JSON, the duration is in milliseconds and the body is in clear text.
   *
   * @since 0.1.0
   */
  static readonly Response = Response

  /**
   * The schema of a quota. As JSON, the window is in milliseconds and the time is Unix milliseconds.
   *
   * @since 0.1.0
   */
  static readonly Quota = Quota

  /**
   * The schema of the quotas of an instance.
   *
   * @since 0.1.0
   */
  static readonly Quotas = Quotas
}

/**
 * @since 0.1.0
 */
export declare namespace InvitationsControl {
  /**
   * An invitation to add. It sends no e-mail and counts against no rate limit.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Seed extends Omit<CreateInvitation.Input, "ignoreExisting" | "notify"> {
    /** Defaults to `"pending"`. `"accepted"` makes the address a user. */
    readonly status?: InvitationStatus | undefined
    /** Defaults to now. */
    readonly createdAt?: DateTime.Utc | undefined
  }

  /**
   * An e-mail that Clerk would have sent.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Email extends Schema.Schema.Type<typeof InvitationsControl.Email> {}

  /**
   * A user of the instance.
   *
   * @since 0.1.0
   * @category models
   */
  export interface User extends Schema.Schema.Type<typeof InvitationsControl.User> {}

  /**
   * A call of an operation.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Call extends Schema.Schema.Type<typeof InvitationsControl.Call> {}

  /**
   * A request that the emulator received, and its response. The in-memory layer records none.
   *
   * Query and bodies contain addresses, metadata and accept links, so they are `Redacted`. Headers are not recorded,
   * because they contain the secret key.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Request extends Schema.Schema.Type<typeof InvitationsControl.Request> {}

  /**
   * The response to a request.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Response extends Schema.Schema.Type<typeof InvitationsControl.Response> {}

  /**
   * A rate limit and its remaining calls.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Quota extends Schema.Schema.Type<typeof InvitationsControl.Quota> {}

  /**
   * The quota of every rate limit.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Quotas extends Schema.Schema.Type<typeof InvitationsControl.Quotas> {}

  /**
   * The operations of the control.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Service {
    /** Adds invitations and returns them in the same order. */
    readonly seed: (seeds: Iterable<Seed>) => Effect.Effect<ReadonlyArray<Invitation>>
    /** All invitations, including revoked ones, oldest first. */
    readonly invitations: Effect.Effect<ReadonlyArray<Invitation>>
    /**
     * Accepts a pending invitation, as the invited person would. The address becomes a user with the `publicMetadata` of
     * the invitation, unless it belongs to a user already.
     */
    readonly accept: (id: InvitationId | string) => Effect.Effect<Invitation, InvitationNotPending>
    /**
     * Follows an accept link and accepts its invitation, as the invited person would. Takes the link itself, for example
     * `url` of an e-mail of the outbox, its ticket, or the id of the invitation.
     */
    readonly acceptLink: (
      link: Redacted.Redacted | string
    ) => Effect.Effect<Invitation, InvitationNotPending | InvalidTicket>
    /** Makes a pending invitation expire now. */
    readonly expire: (id: InvitationId | string) => Effect.Effect<Invitation, InvitationNotPending>
    /**
     * Revokes an invitation, as another client would: `calls` does not record it. Does nothing if no invitation has the
     * id, or if it is accepted or revoked.
     */
    readonly revoke: (id: InvitationId | string) => Effect.Effect<void>
    /**
     * Deletes an invitation, as another client would: `calls` does not record it. Does nothing if no invitation has the
     * id.
     */
    readonly delete: (id: InvitationId | string) => Effect.Effect<void>
    /** Makes an address a user without metadata. Does nothing if it belongs to a user. */
    readonly addUser: (emailAddress: string) => Effect.Effect<void>
    /** All users, oldest first. */
    readonly users: Effect.Effect<ReadonlyArray<User>>
    /**
     * Replaces the addresses that may not be invited: addresses, and whole domains such as `*@example.com`. A create for
     * one of them fails with 403 `not_allowed_access`.
     */
    readonly setBlocklist: (entries: Iterable<string>) => Effect.Effect<void>
    /**
     * Makes the instance refuse every create with this code, and with `authorization_invalid` every call; `"off"` ends
     * it.
     */
    readonly setInstanceRefusal: (code: InstanceRefusalCode | "off") => Effect.Effect<void>
    /** The code with which the instance refuses, or `"off"`. */
    readonly instanceRefusal: Effect.Effect<InstanceRefusalCode | "off">
    /** The e-mails that Clerk would have sent, oldest first. */
    readonly outbox: Effect.Effect<ReadonlyArray<Email>>
    /** The last 10,000 calls, oldest first. */
    readonly calls: Effect.Effect<ReadonlyArray<Call>>
    /** The last 100 requests to the emulator except those of its page, oldest first. Empty for the in-memory layer. */
    readonly requests: Effect.Effect<ReadonlyArray<Request>>
    /** Injects a response into the next call, or into the next call of `operation`. `commit` defaults to `"never"`. */
    readonly failNext: (
      response: Fault.Response,
      options?: { readonly operation?: Operation | undefined; readonly commit?: Fault.Commit | undefined }
    ) => Effect.Effect<void>
    /** Adds fault plans. A plan is removed once it has affected `times` calls. */
    readonly injectFaults: (plans: Iterable<Fault.Plan>) => Effect.Effect<void>
    /**
     * The plans that will still affect calls, in the order in which they were added. `nth` and `times` are what
     * remains.
     */
    readonly pendingFaults: Effect.Effect<ReadonlyArray<Fault.Plan>>
    /** Sets a function that decides on a fault for every call that no plan affects, for example a random fault. */
    readonly setFaultPolicy: (
      decide: (operation: Operation) => Effect.Effect<Option.Option<Fault.Fault>>
    ) => Effect.Effect<void>
    /** Makes lists return the invitations of now for this duration, even if invitations change meanwhile. */
    readonly freezeReads: (duration: Duration.DurationInput) => Effect.Effect<void>
    /** Replaces the rate limits, or removes them. All quotas start full. */
    readonly setRateLimits: (limits: RateLimits | "off") => Effect.Effect<void>
    /** The quota of every rate limit, or `"off"` without rate limits. */
    readonly remainingQuotas: Effect.Effect<Quotas | "off">
    /**
     * Emits once at the start, and after every change that this service can show, except changes by the passing of
     * time. Changes that arrive while the consumer is busy are merged into one. Ends when the layer is released.
     */
    readonly changes: Stream.Stream<void>
    /** A snapshot of all invitations, users and e-mails. */
    readonly snapshot: Effect.Effect<Snapshot>
    /**
     * Replaces all invitations, users and e-mails with those of the snapshot. Calls, faults and limits are kept. Cancels
     * what is in flight, as `reset` does.
     */
    readonly restore: (snapshot: Snapshot) => Effect.Effect<void>
    /**
     * Removes all invitations, users, e-mails, calls, requests and faults, and restores the rate limits, the blocklist and
     * the instance refusal that the layer started with.
     *
     * Cancels what is in flight: a delayed commit does not happen, and a call whose response is still to come loses its
     * connection.
     */
    readonly reset: Effect.Effect<void>
  }
}

/**
 * The e-mails that Clerk would have sent to an address, oldest first. The case of the address is ignored.
 *
 * @since 0.1.0
 * @category look-ups
 */
export const emailsTo = (
  emailAddress: string
): Effect.Effect<ReadonlyArray<InvitationsControl.Email>, never, InvitationsControl> =>
  Effect.flatMap(
    InvitationsControl,
    (control) => Effect.map(control.outbox, Arr.filter(({ to }) => EmailAddress.equals(to, emailAddress)))
  )

/**
 * The last e-mail that Clerk would have sent to an address. Fails with `NoSuchElementException` if none was sent.
 *
 * @since 0.1.0
 * @category look-ups
 * @example
 * ```ts
 * import { InvitationsControl, lastEmailTo } from "@effect-clerk/http/InvitationsControl"
 * import { Effect } from "effect"
 *
 * // Accepts the invitation of the address by the link of its e-mail, as the invited person would.
 * export const accept = (emailAddress: string) =>
 *   Effect.gen(function*() {
 *     const control = yield* InvitationsControl
 *     const { url } = yield* lastEmailTo(emailAddress)
 *     return yield* control.acceptLink(url)
 *   })
 * ```
 */
export const lastEmailTo = (
  emailAddress: string
): Effect.Effect<InvitationsControl.Email, Cause.NoSuchElementException, InvitationsControl> =>
  Effect.flatMap(emailsTo(emailAddress), lastOr("No e-mail was sent to the address"))

/**
 * The newest invitation of an address, of any status. The case of the address is ignored. Fails with
 * `NoSuchElementException` if the address has none.
 *
 * @since 0.1.0
 * @category look-ups
 */
export const invitationOf = (
  emailAddress: string
): Effect.Effect<Invitation, Cause.NoSuchElementException, InvitationsControl> =>
  Effect.flatMap(InvitationsControl, (control) =>
    control.invitations.pipe(
      Effect.map(Arr.filter((invitation) => EmailAddress.equals(invitation.emailAddress, emailAddress))),
      Effect.flatMap(lastOr("No invitation has the address"))
    ))

/**
 * The calls of one operation among the last 10,000 calls, oldest first.
 *
 * @since 0.1.0
 * @category look-ups
 */
export const callsOf = (
  operation: Operation
): Effect.Effect<ReadonlyArray<InvitationsControl.Call>, never, InvitationsControl> =>
  Effect.flatMap(
    InvitationsControl,
    (control) => Effect.map(control.calls, Arr.filter((call) => call.operation === operation))
  )

// The message does not contain the address, because messages are logged.
const lastOr = (message: string) => <A>(values: ReadonlyArray<A>): Effect.Effect<A, Cause.NoSuchElementException> =>
  Option.match(Arr.last(values), {
    onNone: () => Effect.fail(new Cause.NoSuchElementException(message)),
    onSome: Effect.succeed
  })
