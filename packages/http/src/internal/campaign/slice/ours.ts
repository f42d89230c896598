import * as EmailAddress from "@effect-clerk/core/EmailAddress"
import type { Invitation } from "@effect-clerk/core/Invitation"
import * as Metadata from "@effect-clerk/core/Metadata"
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import type { Recipient } from "../model/request.js"
import type { Tuning } from "../model/tuning.js"
import { longestCall } from "../model/tuning.js"

/**
 * The invitations for an address, and when they were listed.
 */
export interface Found {
  readonly invitations: ReadonlyArray<Invitation>
  /** The server's time when it listed them, in Unix milliseconds. `None` if it did not tell. */
  readonly serverTime: Option.Option<number>
  /** The time of the store before the request, and after the response. */
  readonly before: number
  readonly after: number
}

// The header `Date` has whole seconds, and the clocks of the servers behind one address differ a little.
const tolerance = 2000

// If the server does not tell its time, its clock and that of the store may differ by this much.
const toleranceWithoutServerTime = 5 * 60_000

// How long after the end of a call the server may still commit it.
const lateCommit = 60_000

/**
 * Whether a post of the person created the invitation: it has the address and the metadata of the request, was not listed
 * before the first post, and was created by the clock of the server at a time at which one of the posts was on its way.
 * Its status does not matter, since it may have been revoked or accepted meanwhile.
 */
export const isOurs = (
  { person, request }: Recipient,
  invitation: Invitation,
  { after, before, serverTime }: Found,
  tuning: Tuning
): boolean => {
  const { firstPostedAt, known, postedAt } = person
  if (firstPostedAt === null || postedAt === null || known.includes(invitation.id)) return false
  if (!EmailAddress.equals(request.emailAddress, invitation.emailAddress)) return false
  if (!Metadata.equals(request.publicMetadata ?? {}, invitation.publicMetadata)) return false
  const createdAt = DateTime.toEpochMillis(invitation.createdAt)
  const margin = Option.isSome(serverTime) ? tolerance : toleranceWithoutServerTime
  const earliest = Option.getOrElse(serverTime, () => after) - (after - firstPostedAt) - margin
  const latest = Option.getOrElse(serverTime, () => before) - (before - postedAt) + longestCall(tuning) + lateCommit +
    margin
  return createdAt >= earliest && createdAt <= latest
}
