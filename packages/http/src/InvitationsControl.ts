/**
 * @since 0.1.0
 */
import type { CreateInvitation, TemplateSlug } from "@effect-clerk/core/CreateInvitation"
import type { Invitation, InvitationId, InvitationStatus } from "@effect-clerk/core/Invitation"
import type { Operation } from "@effect-clerk/core/InvitationError"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type * as Fault from "./Fault.js"
import type { RateLimits } from "./RateLimits.js"

/**
 * The invitation cannot be accepted any more, or never existed.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotAcceptable extends Data.TaggedError("NotAcceptable")<{
  readonly id: string
  /** Why: what it is in place of pending. */
  readonly reason: "missing" | "accepted" | "revoked" | "expired"
}> {
  /** @since 0.1.0 */
  override get message(): string {
    return `${this.id} cannot be accepted: it is ${this.reason}`
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
    readonly to: string
    readonly invitationId: InvitationId
    readonly templateSlug: TemplateSlug
    /** The accept link. */
    readonly url: Redacted.Redacted
    readonly sentAt: DateTime.Utc
  }

  /**
   * A call that arrived.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Call {
    readonly operation: Operation
    readonly at: DateTime.Utc
    /** `"ok"`, the code of the error that it was answered with, or the tag of the fault that struck it. */
    readonly outcome: string
  }

  /**
   * @since 0.1.0
   * @category models
   */
  export interface Service {
    /** Adds invitations, as they are, and answers with them in the same order. */
    readonly seed: (seeds: Iterable<Seed>) => Effect.Effect<ReadonlyArray<Invitation>>
    /** Every invitation there is, revoked ones as well, the oldest first. */
    readonly invitations: Effect.Effect<ReadonlyArray<Invitation>>
    /** Has the invited person sign up: the invitation is accepted, and the address is a user from now on. */
    readonly accept: (id: InvitationId | string) => Effect.Effect<Invitation, NotAcceptable>
    /** Has somebody else revoke or delete the invitation, without a call. Nothing happens if that cannot be done. */
    readonly remove: (id: InvitationId | string, how: "revoked" | "deleted") => Effect.Effect<void>
    /** Makes the address a user. */
    readonly addUser: (emailAddress: string) => Effect.Effect<void>
    /** The e-mails that would have been sent, the oldest first. */
    readonly outbox: Effect.Effect<ReadonlyArray<Email>>
    /** The calls that arrived, the oldest first; the last 10,000 are kept. */
    readonly calls: Effect.Effect<ReadonlyArray<Call>>
    /** Makes the next call, or the next of this operation, go wrong. */
    readonly failNext: (
      answer: Fault.Answer,
      options?: { readonly operation?: Operation | undefined; readonly commit?: Fault.Commit | undefined }
    ) => Effect.Effect<void>
    /** Adds plans; each is used up once it has struck. */
    readonly plan: (plans: Iterable<Fault.Plan>) => Effect.Effect<void>
    /** Asks for a fault before every call that no plan strikes; for random faults. */
    readonly faults: (
      decide: (operation: Operation) => Effect.Effect<Option.Option<Fault.Fault>>
    ) => Effect.Effect<void>
    /** For this long, lists show what there is now, whatever happens meanwhile. */
    readonly staleReads: (duration: Duration.DurationInput) => Effect.Effect<void>
    /** Switches limits on, or off. What has been used up so far is forgotten. */
    readonly rateLimits: (limits: RateLimits | "off") => Effect.Effect<void>
    /** Forgets everything: invitations, users, e-mails, calls, plans and what is used up of the limits. */
    readonly reset: Effect.Effect<void>
  }
}
