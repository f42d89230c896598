import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import { CreateInvitation as CreateInvitationSchema } from "@effect-clerk/core/CreateInvitation"
import type { Invitation } from "@effect-clerk/core/Invitation"
import { DeletedInvitation } from "@effect-clerk/core/Invitation"
import * as InvitationCodec from "@effect-clerk/core/InvitationCodec"
import { InvitationPage } from "@effect-clerk/core/InvitationPage"
import { ListInvitations } from "@effect-clerk/core/ListInvitations"
import * as Arr from "effect/Array"
import * as Either from "effect/Either"
import { flow } from "effect/Function"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

export const decodeInvitation = flow(InvitationCodec.decodeInvitationEither, Either.getRight)

export const decodeDeletedInvitation = Schema.decodeUnknownOption(DeletedInvitation)

const decodeInvitations = flow(InvitationCodec.decodeInvitationsEither, Either.getRight)

const decodePaginated = flow(InvitationCodec.decodePageEither, Either.getRight)

/**
 * Decodes the response to a single create, as a batch of one.
 */
export const decodeCreate = flow(decodeInvitation, Option.map(Arr.of))

/**
 * Decodes the response to a bulk create. `None` unless it has one invitation for each of the `size` requests.
 */
export const decodeCreateBulk =
  (size: number) => (body: unknown): Option.Option<Arr.NonEmptyReadonlyArray<Invitation>> =>
    decodeInvitations(body).pipe(
      Option.filter(Arr.isNonEmptyReadonlyArray),
      Option.filter((invitations) => invitations.length === size)
    )

/**
 * Decodes a page, either Clerk's paginated form or a plain array of invitations.
 */
export const decodePage = (offset: number) => (body: unknown): Option.Option<InvitationPage> =>
  Array.isArray(body)
    ? Option.map(
      decodeInvitations(body),
      (data) =>
        new InvitationPage({ data, totalCount: offset + data.length, totalIsKnown: false }, { disableValidation: true })
    )
    : decodePaginated(body)

const encodeRequest = Schema.encodeSync(CreateInvitationSchema)

export const encodeCreate = (request: CreateInvitation): string => JSON.stringify(encodeRequest(request))

export const encodeCreateBulk = (requests: ReadonlyArray<CreateInvitation>): string =>
  JSON.stringify(requests.map((request) => encodeRequest(request)))

const encodeParams = Schema.encodeSync(ListInvitations)

export const encodeList = (params: ListInvitations): string => {
  const search = new URLSearchParams({ paginated: "true" })
  for (const [name, value] of Object.entries(encodeParams(params))) {
    if (value !== undefined && value !== null) search.append(name, value)
  }
  return search.toString()
}
