import type { InviteMany } from "@effect-clerk/core"
import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import { DateTime, Option } from "effect"
import type { Entry } from "./outcomesFile.js"

/**
 * Which addresses with an outcome a run invites again.
 */
export interface RerunOptions {
  readonly again: Option.Option<"expired">
  readonly onExisting: NonNullable<InviteMany.Options["onExisting"]>
}

// Clerk's default.
const defaultExpiresInDays = 30

/**
 * Whether the invitation of an entry has expired by now, unless it was accepted. For an entry without the time at which its
 * invitation expires, this is the longest time that it can have been valid.
 */
export const isExpired = (entry: Entry, request: CreateInvitation, now: DateTime.Utc): boolean => {
  if (entry.outcome !== "Created" && entry.outcome !== "AlreadyInvited") return false
  const expiresAt = entry.expires_at ?? DateTime.add(entry.at, { days: request.expiresInDays ?? defaultExpiresInDays })
  return DateTime.lessThanOrEqualTo(expiresAt, now)
}

/**
 * Whether a row needs no further call. Rejected addresses are sent again, since the row may have been fixed; unknown outcomes are
 * reconciled. An invitation that another program sent is replaced with `--on-existing resend`. Clerk refuses to invite an address
 * that accepted, so `--again expired` reaches only those who did not.
 */
export const isDone = (
  entry: Entry | undefined,
  request: CreateInvitation,
  { again, onExisting }: RerunOptions,
  now: DateTime.Utc
): boolean => {
  if (entry === undefined || entry.outcome === "Rejected" || entry.outcome === "Unknown") return false
  if (entry.outcome === "AlreadyInvited" && onExisting === "resend") return false
  return Option.isNone(again) || !isExpired(entry, request, now)
}
