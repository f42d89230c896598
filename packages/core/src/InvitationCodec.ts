/**
 * Reads what Clerk sends.
 *
 * The schemas are the truth. Rows that look as they nearly always do are built directly, which comes to the same and is many
 * times as fast; everything else goes through the schema.
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

const decodeAnyInvitation = Schema.decodeUnknownEither(Invitation)
const decodeAnyInvitations = Schema.decodeUnknownEither(Schema.Array(Invitation))
const decodeAnyPage = Schema.decodeUnknownEither(InvitationPage)

/**
 * Reads an invitation.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decodeInvitationEither = (body: unknown): Either.Either<Invitation, ParseError> =>
  isPlainRow(body) ? Either.right(fromPlainRow(body)) : decodeAnyInvitation(body)

// None where a row is no invitation: the schema of the whole then says which, and why.
const readRows = (body: unknown): Array<Invitation> | undefined => {
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
 * Reads the bare rows of a list, or the answer to a bulk.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decodeInvitationsEither = (body: unknown): Either.Either<ReadonlyArray<Invitation>, ParseError> => {
  const invitations = readRows(body)
  return invitations === undefined ? decodeAnyInvitations(body) : Either.right(invitations)
}

const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0

/**
 * Reads a page, as Clerk answers to `paginated=true`.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decodePageEither = (body: unknown): Either.Either<InvitationPage, ParseError> => {
  const data = Predicate.hasProperty(body, "data") ? readRows(body.data) : undefined
  return data !== undefined && Predicate.hasProperty(body, "total_count") && isCount(body.total_count) &&
      !("totalIsKnown" in body)
    ? Either.right(new InvitationPage({ data, totalCount: body.total_count }, { disableValidation: true }))
    : decodeAnyPage(body)
}
