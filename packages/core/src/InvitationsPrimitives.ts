/**
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { CreateInvitation } from "./CreateInvitation.js"
import type { DeletedInvitation, Invitation, InvitationId } from "./Invitation.js"
import type { CreateError, DeleteError, ListError, RateLimited, RevokeError, Timeout } from "./InvitationError.js"
import type { InvitationPage } from "./InvitationPage.js"
import type { ListInvitations } from "./ListInvitations.js"

/**
 * The five API calls that a layer implements. Their inputs are already validated. `InvitationsService.fromPrimitives`
 * derives all methods of the service from them. Since the inputs are valid, a primitive fails with `InvalidRequest` only
 * for an option of the layer, which ends `inviteMany` and `revokeMany`.
 *
 * @since 0.1.0
 * @category models
 * @see https://clerk.com/docs/reference/backend-api/tag/Invitations
 * @example
 * ```ts
 * import { InvitationsService } from "@effect-clerk/core"
 * import { NotFound } from "@effect-clerk/core/InvitationError"
 * import { InvitationPage } from "@effect-clerk/core/InvitationPage"
 * import type { InvitationsPrimitives } from "@effect-clerk/core/InvitationsPrimitives"
 * import { Effect, Layer, Option } from "effect"
 *
 * const notFound = (operation: "revoke" | "delete") =>
 *   Effect.fail(new NotFound({ operation, status: 404, errors: [], traceId: Option.none() }))
 *
 * // An instance without invitations, which accepts no new ones.
 * const primitives: InvitationsPrimitives = {
 *   create: () => Effect.dieMessage("not implemented"),
 *   createBulk: () => Effect.dieMessage("not implemented"),
 *   list: () => Effect.succeed(new InvitationPage({ data: [], totalCount: 0 })),
 *   revoke: () => notFound("revoke"),
 *   delete: () => notFound("delete")
 * }
 *
 * export const layer = Layer.succeed(InvitationsService, InvitationsService.fromPrimitives(primitives))
 * ```
 */
export interface InvitationsPrimitives {
  /** Sends `POST /v1/invitations` and returns the new invitation. */
  readonly create: (
    request: CreateInvitation,
    options?: InvitationsPrimitives.CreateOptions
  ) => Effect.Effect<Invitation, CreateError>
  /** Sends `POST /v1/invitations/bulk` and returns the new invitations in the order of the requests. */
  readonly createBulk: (
    requests: ReadonlyArray<CreateInvitation>,
    options?: InvitationsPrimitives.CreateOptions
  ) => Effect.Effect<ReadonlyArray<Invitation>, CreateError>
  /** Sends `GET /v1/invitations` and returns one page with the total. */
  readonly list: (params: ListInvitations) => Effect.Effect<InvitationPage, ListError>
  /** Sends `POST /v1/invitations/{id}/revoke` and returns the revoked invitation. */
  readonly revoke: (id: InvitationId) => Effect.Effect<Invitation, RevokeError>
  /** Sends `DELETE /v1/invitations/{id}`. */
  readonly delete: (id: InvitationId) => Effect.Effect<DeletedInvitation, DeleteError>
  /**
   * Reserves rate-limit capacity for one call of an operation, then runs the effect, whose first call uses the
   * reservation. A caller can thus choose the requests at the moment when it may send them. Absent in a layer without
   * rate limits.
   */
  readonly withReservation?: InvitationsPrimitives.WithReservation | undefined
  /**
   * The same, but if the limit does not admit the call, fails with `RateLimited` and does not run the effect. Absent in a
   * layer without rate limits.
   */
  readonly withRequiredReservation?: InvitationsPrimitives.WithRequiredReservation | undefined
  /**
   * Runs a look-up, which may make several calls of `list`, with the deadline of one call: the look-up is interrupted
   * at the deadline and fails with `Timeout`. Absent in a layer without timeouts.
   */
  readonly withDeadline?: InvitationsPrimitives.WithDeadline | undefined
}

/**
 * @since 0.1.0
 */
export declare namespace InvitationsPrimitives {
  /**
   * What is known about a create.
   *
   * @since 0.1.0
   * @category models
   */
  export interface CreateOptions {
    /**
     * The ids of invitations that existed before the create, for example those that were revoked to make room for the new
     * ones. A layer that reconciles a create never takes one of them for a new one.
     */
    readonly known: ReadonlyArray<InvitationId>
  }

  /**
   * Wraps an effect so that it waits for a reservation of the operation's rate limit before it runs.
   *
   * @since 0.1.0
   * @category models
   */
  export type WithReservation = (
    operation: "create" | "createBulk"
  ) => <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

  /**
   * Wraps an effect so that it waits for a reservation of the operation's rate limit before it runs, and does not run
   * without one.
   *
   * @since 0.1.0
   * @category models
   */
  export type WithRequiredReservation = (
    operation: "create" | "createBulk"
  ) => <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E | RateLimited, R>

  /**
   * Wraps an effect so that it fails with `Timeout` at the deadline of one call of `list`.
   *
   * @since 0.1.0
   * @category models
   */
  export type WithDeadline = <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E | Timeout, R>
}
