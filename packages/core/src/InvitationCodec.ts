/**
 * Decoders for Clerk's JSON.
 *
 * The results equal those of the schemas `Invitation` and `InvitationPage`. Rows in Clerk's usual form take a fast
 * path, which matters for pages of hundreds of rows. All other rows go through the schema.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type { ParseError } from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { fromPlainRow, isPlainRow } from "./internal/schema/fastDecode.js"
import { Invitation } from "./Invitation.js"
import { InvitationPage } from "./InvitationPage.js"

const decodeInvitationBySchema = Schema.decodeUnknownEither(Invitation)
const decodeInvitationsBySchema = Schema.decodeUnknownEither(Schema.Array(Invitation))
const decodePageBySchema = Schema.decodeUnknownEither(InvitationPage)

/**
 * Decodes one invitation. Returns a `ParseError` if the schema `Invitation` does.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decodeInvitationEither = (body: unknown): Either.Either<Invitation, ParseError> =>
  isPlainRow(body) ? Either.right(fromPlainRow(body)) : decodeInvitationBySchema(body)

// Returns undefined for an invalid row: the caller then decodes all rows with the schema, whose error has the path.
const decodeRows = (body: unknown): Array<Invitation> | undefined => {
  if (!Array.isArray(body)) return undefined
  const invitations: Array<Invitation> = []
  for (const row of body) {
    const invitation = decodeInvitationEither(row)
    if (Either.isLeft(invitation)) return undefined
    invitations.push(invitation.right)
  }
  return invitations
}

/**
 * Decodes an array of invitations: a list without `paginated=true`, or the response to a bulk create.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decodeInvitationsEither = (body: unknown): Either.Either<ReadonlyArray<Invitation>, ParseError> => {
  const invitations = decodeRows(body)
  return invitations === undefined ? decodeInvitationsBySchema(body) : Either.right(invitations)
}

const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0

/**
 * Decodes one page: a list with `paginated=true`.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decodePageEither = (body: unknown): Either.Either<InvitationPage, ParseError> => {
  const data = Predicate.hasProperty(body, "data") ? decodeRows(body.data) : undefined
  return data !== undefined && Predicate.hasProperty(body, "total_count") && isCount(body.total_count) &&
      !("totalIsKnown" in body)
    ? Either.right(new InvitationPage({ data, totalCount: body.total_count }, { disableValidation: true }))
    : decodePageBySchema(body)
}
