import type { InviteOutcome, InviteProgress } from "@effect-clerk/core"
import type { Invitation } from "@effect-clerk/core/Invitation"
import { Option } from "effect"
import { type ExitCode, exitCodes } from "../terminal/exitCode.js"
import { json } from "../terminal/render.js"
import { escapeControlChars } from "../terminal/terminalText.js"
import type { Entry } from "./outcomesFile.js"

type Kind = InviteOutcome.InputOutcome["_tag"]

/**
 * The number of outcomes of each kind.
 */
export type Counts = InviteProgress.InviteProgress["byKind"]

const labels: { readonly [K in Kind]: string } = {
  Created: "invited",
  AlreadyInvited: "already invited",
  UserExists: "already a user",
  Rejected: "rejected",
  Unknown: "unknown",
  Repeated: "repeated",
  NotAttempted: "not attempted"
}

const kinds = ["Created", "AlreadyInvited", "UserExists", "Rejected", "Unknown", "Repeated", "NotAttempted"] as const

/**
 * When an invitation expires, as a field of its entry.
 */
export const expiry = ({ expiresAt }: Invitation) =>
  Option.match(expiresAt, { onNone: () => ({}), onSome: (expires_at) => ({ expires_at }) })

/**
 * The entry of an outcome in the outcomes file. `Repeated` has no entry, since its address already has one, nor has
 * `NotAttempted`, so that the next run sends the address.
 */
export const toEntry = (
  outcome: Exclude<InviteOutcome.InputOutcome, { readonly _tag: "Repeated" | "NotAttempted" }>,
  line: number
): Omit<Entry, "at"> => {
  const entry = { line, email_address: outcome.emailAddress, outcome: outcome._tag }
  switch (outcome._tag) {
    case "Created":
      return { ...entry, id: outcome.invitation.id, ...expiry(outcome.invitation) }
    case "AlreadyInvited":
      return {
        ...entry,
        ...Option.match(outcome.id, { onNone: () => ({}), onSome: (id) => ({ id }) }),
        ...Option.match(outcome.invitation, { onNone: () => ({}), onSome: expiry })
      }
    case "UserExists":
      return entry
    case "Rejected":
      return { ...entry, reason: outcome.error.message }
    case "Unknown":
      return { ...entry, reason: outcome.error.message, replaced: outcome.replaced }
  }
}

/**
 * An outcome as it is printed: an entry, a `Repeated` or a `NotAttempted`.
 */
export type PrintedOutcome = Omit<Entry, "at" | "outcome" | "since"> & { readonly outcome: Kind }

/**
 * Renders an outcome as one line.
 */
export const renderOutcome = (outcome: PrintedOutcome, options: { readonly json: boolean }): string =>
  options.json
    ? json(outcome)
    : [
      `line ${outcome.line}`,
      escapeControlChars(outcome.email_address),
      labels[outcome.outcome],
      outcome.id,
      outcome.reason
    ]
      .filter((part) => part !== undefined)
      .join("  ")

/**
 * Whether the user may have to act on an outcome of this kind.
 */
export const isProblem = (kind: Kind): boolean => kind === "Rejected" || kind === "Unknown"

/**
 * The counts in one line, for example "2 invited, 1 rejected".
 */
export const summary = (counts: Counts): string =>
  kinds.flatMap((kind) => counts[kind] === 0 ? [] : [`${counts[kind]} ${labels[kind]}`]).join(", ")

/**
 * The exit code of a job that has an outcome for every row.
 */
export const exitCodeOf = (counts: Counts): ExitCode => {
  if (counts.Rejected + counts.Unknown === 0) return exitCodes.ok
  if (counts.Created + counts.AlreadyInvited + counts.UserExists > 0) return exitCodes.partial
  return counts.Unknown > 0 ? exitCodes.unknown : exitCodes.refused
}
