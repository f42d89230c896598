import type { InviteOutcome, InviteProgress } from "@effect-clerk/core"
import { Option } from "effect"
import { type ExitCode, exitCodes } from "./exitCode.js"
import type { Entry } from "./outcomesFile.js"
import { json, stripControlChars } from "./output.js"

type Kind = InviteOutcome["_tag"]

/**
 * How often each kind of outcome came.
 */
export type Counts = InviteProgress.InviteProgress["byKind"]

export const none: Counts = { Created: 0, AlreadyInvited: 0, UserExists: 0, Rejected: 0, Unknown: 0, Repeated: 0 }

const words: { readonly [K in Kind]: string } = {
  Created: "invited",
  AlreadyInvited: "invited already",
  UserExists: "a user already",
  Rejected: "rejected",
  Unknown: "unknown",
  Repeated: "repeated"
}

const kinds = ["Created", "AlreadyInvited", "UserExists", "Rejected", "Unknown", "Repeated"] as const

/**
 * What becomes a line of the file of outcomes; a repetition does not, since its address has one.
 */
export const toEntry = (
  outcome: Exclude<InviteOutcome, { readonly _tag: "Repeated" }>,
  line: number
): Omit<Entry, "at"> => {
  const about = { line, email_address: outcome.emailAddress, outcome: outcome._tag }
  switch (outcome._tag) {
    case "Created":
      return { ...about, id: outcome.invitation.id }
    case "AlreadyInvited":
      return Option.match(outcome.invitation, { onNone: () => about, onSome: ({ id }) => ({ ...about, id }) })
    case "UserExists":
      return about
    case "Rejected":
    case "Unknown":
      return { ...about, reason: outcome.error.message }
  }
}

/**
 * What is shown of an outcome.
 */
export type Shown = Omit<Entry, "at" | "outcome"> & { readonly outcome: Kind }

/**
 * An outcome as it is printed.
 */
export const show = (
  outcome: Shown,
  options: { readonly json: boolean }
): string =>
  options.json
    ? json(outcome)
    : [
      `line ${outcome.line}`,
      stripControlChars(outcome.email_address),
      words[outcome.outcome],
      outcome.id,
      outcome.reason
    ]
      .filter((part) => part !== undefined)
      .join("  ")

/**
 * What is worth a look.
 */
export const isProblem = (kind: Kind): boolean => kind === "Rejected" || kind === "Unknown"

/**
 * All of it in one line.
 */
export const summary = (counts: Counts): string =>
  kinds.flatMap((kind) => counts[kind] === 0 ? [] : [`${counts[kind]} ${words[kind]}`]).join(", ")

/**
 * What a run that came to its end ends with.
 */
export const codeOf = (counts: Counts): ExitCode => {
  if (counts.Rejected + counts.Unknown === 0) return exitCodes.ok
  if (counts.Created + counts.AlreadyInvited + counts.UserExists > 0) return exitCodes.partly
  return counts.Unknown > 0 ? exitCodes.unknown : exitCodes.refused
}
