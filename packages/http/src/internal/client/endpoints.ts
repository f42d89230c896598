import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import type { DeletedInvitation, Invitation, InvitationId } from "@effect-clerk/core/Invitation"
import type { InvitationPage } from "@effect-clerk/core/InvitationPage"
import type { ListInvitations } from "@effect-clerk/core/ListInvitations"
import type * as Arr from "effect/Array"
import type * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Option from "effect/Option"
import * as Decode from "../wire/decode.js"
import type { AttemptFailure } from "./attemptFailure.js"
import * as Check from "./check.js"
import type { ConnectionReuse } from "./connectionReuse.js"
import type { Moment } from "./monotonic.js"
import * as Requests from "./requests.js"
import type { RawResponse } from "./response.js"
import { decodeResponse, serverTime } from "./response.js"
import type * as Transport from "./transport.js"

/**
 * Makes one attempt: sends a request in a span of its own, and decodes and checks the response.
 */
export type Send<A> = (attempt: Transport.Attempt) => Effect.Effect<A, AttemptFailure>

type Created = Arr.NonEmptyReadonlyArray<Invitation>

/**
 * A page, and when the server sent it.
 */
export interface Listing {
  readonly data: ReadonlyArray<Invitation>
  readonly totalCount: number
  /** The server's time when it sent the response, in Unix milliseconds. `None` without a `Date` header. */
  readonly serverTime: Option.Option<number>
  /** When the headers of the response arrived. */
  readonly receivedAt: Moment
}

/**
 * The five endpoints of the API. The response to a create has to pass the check of the caller.
 */
export interface Endpoints {
  readonly create: (request: CreateInvitation, check: Check.Check<Created>) => Send<Created>
  readonly createBulk: (requests: ReadonlyArray<CreateInvitation>, check: Check.Check<Created>) => Send<Created>
  readonly list: (params: ListInvitations) => Send<InvitationPage>
  readonly listing: (params: ListInvitations) => Send<Listing>
  readonly revoke: (id: InvitationId) => Send<Invitation>
  readonly delete: (id: InvitationId) => Send<DeletedInvitation>
}

export const make = (send: Transport.Transport, connectionReuse: ConnectionReuse): Endpoints => {
  const exchange =
    <A>(request: Transport.Request, read: (response: RawResponse) => Either.Either<A, AttemptFailure>): Send<A> =>
    (attempt) =>
      send(request, attempt, (response) => {
        const result = read(response)
        if (Either.isLeft(result) && result.left.answered !== undefined) {
          connectionReuse.suspend(response.receivedAt.monotonic)
        }
        return result
      })

  const endpoint = <A>(
    request: Transport.Request,
    decode: (body: unknown) => Option.Option<A>,
    check: Check.Check<A>
  ): Send<A> => exchange(request, (response) => decodeResponse(response, decode, check))

  return {
    create: (request, check) => endpoint(Requests.create(request), Decode.created, check),
    createBulk: (requests, check) =>
      endpoint(Requests.createBulk(requests), Decode.createdBulk(requests.length), check),
    list: (params) => endpoint(Requests.list(params), Decode.page(params.offset ?? 0), Check.page(params)),
    listing: (params) =>
      exchange(Requests.list(params), (response) =>
        Either.map(
          decodeResponse(response, Decode.page(params.offset ?? 0), Check.page(params)),
          ({ data, totalCount }) => ({
            data,
            totalCount,
            serverTime: serverTime(response),
            receivedAt: response.receivedAt
          })
        )),
    revoke: (id) => endpoint(Requests.revoke(id), Decode.invitation, Check.revoked(id)),
    delete: (id) => endpoint(Requests.remove(id), Decode.deleted, Check.deleted(id))
  }
}
