/**
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { CreateInvitation } from "./CreateInvitation.js"
import type { Invitation, InvitationId } from "./Invitation.js"
import type { CreateError, ListError, RevokeError } from "./InvitationError.js"
import type { ListInvitations } from "./ListInvitations.js"

/**
 * @since 0.1.0
 */
export declare namespace InvitationAttempts {
  /**
   * The response to one list request.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Listing {
    /** The rows of the page. */
    readonly data: ReadonlyArray<Invitation>
    /** The number of all matching invitations. */
    readonly totalCount: number
    /** The server's time when it sent the response, in Unix milliseconds. `None` without a `Date` header. */
    readonly serverTime: Option.Option<number>
  }

  /**
   * Calls that make one attempt. Their inputs are already validated, as for `InvitationsPrimitives`. A write that fails
   * with `AmbiguousWrite` has an unknown outcome; a write that fails with any other error did not happen.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Service {
    /**
     * Sends `POST /v1/invitations` at most once. `candidates` of an `AmbiguousWrite` are the ids in a response that
     * belonged to another request.
     */
    readonly create: (request: CreateInvitation) => Effect.Effect<Invitation, CreateError>
    /**
     * Sends `POST /v1/invitations/bulk` at most once. Returns the new invitations in the order of the requests. Fails as
     * `create` does.
     */
    readonly createBulk: (
      requests: ReadonlyArray<CreateInvitation>
    ) => Effect.Effect<ReadonlyArray<Invitation>, CreateError>
    /** Sends `GET /v1/invitations` at most once. */
    readonly list: (params: ListInvitations) => Effect.Effect<Listing, ListError>
    /** Sends `POST /v1/invitations/{id}/revoke` at most once. */
    readonly revoke: (id: InvitationId) => Effect.Effect<Invitation, RevokeError>
  }
}

/**
 * Calls of Clerk's Invitations API that make one attempt, for a caller that retries and reconciles by itself, for
 * example a durable campaign. An attempt is not retried, not reconciled, and not subject to the client-side rate limits
 * of the layer. During a cooldown it fails with `RateLimited` and nothing is sent. Most applications use
 * `InvitationsService` instead.
 *
 * `InvitationsHttp` and `InvitationsMemory` of `@effect-clerk/http` provide it beside the service.
 *
 * @since 0.1.0
 * @category services
 * @see https://clerk.com/docs/reference/backend-api/tag/Invitations
 * @example
 * ```ts
 * import { InvitationAttempts } from "@effect-clerk/core"
 * import { Effect } from "effect"
 *
 * // The unknown outcome of the attempt is recorded, and reconciled later.
 * const program = Effect.gen(function*() {
 *   const attempts = yield* InvitationAttempts
 *   return yield* attempts.create({ emailAddress: "ada@example.com" }).pipe(
 *     Effect.map(({ id }) => ({ outcome: "created", ids: [id] })),
 *     Effect.catchTag("AmbiguousWrite", ({ candidates }) => Effect.succeed({ outcome: "unknown", ids: candidates }))
 *   )
 * })
 * ```
 */
export class InvitationAttempts extends Context.Tag("@effect-clerk/core/InvitationAttempts")<
  InvitationAttempts,
  InvitationAttempts.Service
>() {}
