/**
 * @since 0.1.0
 */
import type { CreateInvitation, TemplateSlug } from "@effect-clerk/core/CreateInvitation"
import type { Invitation, InvitationId, InvitationStatus } from "@effect-clerk/core/Invitation"
import type { Operation } from "@effect-clerk/core/InvitationError"
import type { RateLimit, RateLimits } from "@effect-clerk/core/RateLimits"
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
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
 * Plays the part of the world around the service in tests: people who accept, users who exist, a server that fails. The
 * in-memory layer and the emulator supply it.
 *
 * @since 0.1.0
 * @category services
 */
export class InvitationsControl extends Context.Tag("@effect-clerk/http/InvitationsControl")<
  InvitationsControl,
  InvitationsControl.Service
>() {}

/**
 * @since 0.1.0
 */
export declare namespace InvitationsControl {
  /**
   * An invitation to begin with. No e-mail is sent for it, and it counts against no limit.
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
   * An e-mail that would have been sent.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Email {
    /** The address that is invited. */
    readonly to: string
    /** The invitation that it is about. */
    readonly invitationId: InvitationId
    /** The template that it is written with. */
    readonly templateSlug: TemplateSlug
    /** The accept link. */
    readonly url: Redacted.Redacted
    /** When it would have been sent. */
    readonly sentAt: DateTime.Utc
  }

  /**
   * A call that arrived.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Call {
    /** What was asked for. */
    readonly operation: Operation
    /** When it arrived. */
    readonly at: DateTime.Utc
    /** `"ok"`, the code of the error that it was answered with, or the tag of the fault that struck it. */
    readonly outcome: string
  }

  /**
   * A request that the emulator received, and what it was answered with. There is none in memory, where nothing is sent.
   *
   * Query and bodies hold addresses, metadata and accept links, so they are `Redacted`. Headers are not kept: they hold the key.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Request {
    /** Counts from 1. */
    readonly number: number
    /** When it was received. */
    readonly at: DateTime.Utc
    /** `GET`, `POST` or `DELETE`. */
    readonly method: string
    /** Without the query. */
    readonly path: string
    /** As it came, without the `?`; empty if there is none. */
    readonly query: Redacted.Redacted
    /** The first 4,000 characters; empty if there is none, or if it was not looked at. */
    readonly body: Redacted.Redacted
    /** None while it is under way, and for good if the connection was closed. */
    readonly response: Option.Option<Response>
    /** The tag of the fault that struck it. */
    readonly fault: Option.Option<Fault.Response["_tag"]>
  }

  /**
   * What a request was answered with.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Response {
    /** The HTTP status. */
    readonly status: number
    /** From the request to its answer. */
    readonly duration: Duration.Duration
    /** The first 4,000 characters; empty where a fault sends it in pieces. */
    readonly body: Redacted.Redacted
  }

  /**
   * What there is left of a limit.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Quota extends RateLimit {
    /** Calls that would be let through now. */
    readonly remaining: number
    /** When the next call that was counted is forgotten; none if all are. */
    readonly resetsAt: Option.Option<DateTime.Utc>
  }

  /**
   * What there is left of each limit.
   *
   * @since 0.1.0
   * @category models
   */
  export type Quotas = { readonly [name in keyof RateLimits]: Quota }

  /**
   * What a test can do to the world, and see of it.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Service {
    /** Adds invitations, as they are, and answers with them in the same order. */
    readonly seed: (seeds: Iterable<Seed>) => Effect.Effect<ReadonlyArray<Invitation>>
    /** Every invitation there is, revoked ones as well, the oldest first. */
    readonly invitations: Effect.Effect<ReadonlyArray<Invitation>>
    /** Has the invited person sign up: the invitation is accepted, and the address is a user from now on. */
    readonly accept: (id: InvitationId | string) => Effect.Effect<Invitation, InvitationNotPending>
    /** Has a pending invitation expire now. */
    readonly expire: (id: InvitationId | string) => Effect.Effect<Invitation, InvitationNotPending>
    /** Has somebody else revoke or delete the invitation, without a call. Nothing happens if that cannot be done. */
    readonly remove: (id: InvitationId | string, how: "revoked" | "deleted") => Effect.Effect<void>
    /** Makes the address a user. */
    readonly addUser: (emailAddress: string) => Effect.Effect<void>
    /** The addresses that belong to users, in lower case. */
    readonly users: Effect.Effect<ReadonlyArray<string>>
    /** The e-mails that would have been sent, the oldest first. */
    readonly outbox: Effect.Effect<ReadonlyArray<Email>>
    /** The calls that arrived, the oldest first; the last 10,000 are kept. */
    readonly calls: Effect.Effect<ReadonlyArray<Call>>
    /** The requests that the emulator received, those of its page aside, the oldest first; the last 100 are kept. Empty in memory. */
    readonly requests: Effect.Effect<ReadonlyArray<Request>>
    /** Makes the next call, or the next of this operation, go wrong. */
    readonly failNext: (
      answer: Fault.Response,
      options?: { readonly operation?: Operation | undefined; readonly commit?: Fault.Commit | undefined }
    ) => Effect.Effect<void>
    /** Adds plans; each is used up once it has struck. */
    readonly injectFaults: (plans: Iterable<Fault.Plan>) => Effect.Effect<void>
    /** The plans that have yet to strike, with how many times are left, in the order in which they were added. */
    readonly pendingFaults: Effect.Effect<ReadonlyArray<Fault.Plan>>
    /** Asks for a fault before every call that no plan strikes; for random faults. */
    readonly setFaultPolicy: (
      decide: (operation: Operation) => Effect.Effect<Option.Option<Fault.Fault>>
    ) => Effect.Effect<void>
    /** For this long, lists show what there is now, whatever happens meanwhile. */
    readonly freezeReads: (duration: Duration.DurationInput) => Effect.Effect<void>
    /** Switches limits on, or off. What has been used up so far is forgotten. */
    readonly setRateLimits: (limits: RateLimits | "off") => Effect.Effect<void>
    /** What there is left of the limits, or `"off"`. */
    readonly remainingQuotas: Effect.Effect<Quotas | "off">
    /**
     * Emits at once, and again after whatever can be seen here has changed, except by the mere passing of time. Changes that come
     * faster than they are looked at are folded into one. Ends with the layer.
     */
    readonly changes: Stream.Stream<void>
    /** What is worth keeping: invitations, users and e-mails. */
    readonly snapshot: Effect.Effect<Snapshot>
    /** Puts these invitations, users and e-mails in the place of those that there are. Nothing else is touched. */
    readonly restore: (snapshot: Snapshot) => Effect.Effect<void>
    /** Forgets everything: invitations, users, e-mails, calls, requests, plans and what is used up of the limits. */
    readonly reset: Effect.Effect<void>
  }
}
