/**
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { CreateInvitation } from "./CreateInvitation.js"
import type { DeletedInvitation, Invitation, InvitationId } from "./Invitation.js"
import type { CreateError, DeleteError, ListError, RevokeError } from "./InvitationError.js"
import type { InvitationPage } from "./InvitationPage.js"
import type { ListInvitations } from "./ListInvitations.js"

/**
 * What a layer supplies: the five calls of the API, with inputs that have been checked. Everything else that the service
 * offers follows from them.
 *
 * @since 0.1.0
 * @category models
 */
export interface InvitationsPrimitives {
  /** `POST /v1/invitations`. */
  readonly create: (request: CreateInvitation) => Effect.Effect<Invitation, CreateError>
  /** `POST /v1/invitations/bulk`; answers in the order of the requests. */
  readonly createBulk: (
    requests: ReadonlyArray<CreateInvitation>
  ) => Effect.Effect<ReadonlyArray<Invitation>, CreateError>
  /** `GET /v1/invitations`, with the total. */
  readonly list: (params: ListInvitations) => Effect.Effect<InvitationPage, ListError>
  /** `POST /v1/invitations/{id}/revoke`. */
  readonly revoke: (id: InvitationId) => Effect.Effect<Invitation, RevokeError>
  /** `DELETE /v1/invitations/{id}`. */
  readonly delete: (id: InvitationId) => Effect.Effect<DeletedInvitation, DeleteError>
  /**
   * Has an effect wait until a call of this operation may be sent; the first one in it then does not wait any more. Whoever has
   * to choose what to send can so choose when the time has come. Only where the layer keeps rate limits.
   */
  readonly withReservation?: InvitationsPrimitives.WithReservation | undefined
}

/**
 * @since 0.1.0
 */
export declare namespace InvitationsPrimitives {
  /**
   * Has an effect wait until a call of an operation may be sent.
   *
   * @since 0.1.0
   * @category models
   */
  export type WithReservation = (
    operation: "create" | "createBulk"
  ) => <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}
