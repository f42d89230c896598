import type { Invitation } from "@effect-clerk/core/Invitation"
import { InvitationPage } from "@effect-clerk/core/InvitationPage"
import * as Arr from "effect/Array"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { ErrorRow } from "./errorBody.js"
import { DeletedRow, InvitationRow } from "./invitation.js"
import { fromPlainRow, isPlainRow } from "./plainRow.js"

const decodeBySchema = Schema.decodeUnknownOption(InvitationRow)

/**
 * Decodes one invitation as the schema `InvitationRow` does. A row in Clerk's usual form takes a fast path, which matters for
 * pages of hundreds of rows.
 */
export const invitation = (body: unknown): Option.Option<Invitation> =>
  isPlainRow(body) ? Option.some(fromPlainRow(body)) : decodeBySchema(body)

const invitations = (body: unknown): Option.Option<ReadonlyArray<Invitation>> => {
  if (!Array.isArray(body)) return Option.none()
  const decoded: Array<Invitation> = []
  for (const row of body) {
    const each = isPlainRow(row) ? fromPlainRow(row) : Option.getOrUndefined(decodeBySchema(row))
    if (each === undefined) return Option.none()
    decoded.push(each)
  }
  return Option.some(decoded)
}

/**
 * Decodes the response to a single create, as a batch of one.
 */
export const created = (body: unknown): Option.Option<Arr.NonEmptyReadonlyArray<Invitation>> =>
  Option.map(invitation(body), Arr.of)

/**
 * Decodes the response to a bulk create. `None` unless it has one invitation for each of the `size` requests.
 */
export const createdBulk = (size: number) => (body: unknown): Option.Option<Arr.NonEmptyReadonlyArray<Invitation>> =>
  invitations(body).pipe(
    Option.filter(Arr.isNonEmptyReadonlyArray),
    Option.filter(({ length }) => length === size)
  )

const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0

/**
 * Decodes a page, either Clerk's paginated form or a plain array of invitations.
 */
export const page = (offset: number) => (body: unknown): Option.Option<InvitationPage> => {
  if (Array.isArray(body)) {
    return Option.map(
      invitations(body),
      (data) =>
        new InvitationPage({ data, totalCount: offset + data.length, totalIsKnown: false }, { disableValidation: true })
    )
  }
  const { data, total_count: totalCount } = Predicate.isRecord(body) ? body : {}
  return isCount(totalCount)
    ? Option.map(
      invitations(data),
      (data) => new InvitationPage({ data, totalCount, totalIsKnown: true }, { disableValidation: true })
    )
    : Option.none()
}

/**
 * Decodes the response to a delete.
 */
export const deleted = Schema.decodeUnknownOption(DeletedRow)

/**
 * Decodes one entry of `errors`.
 */
export const errorDetail = Schema.decodeUnknownOption(ErrorRow)
