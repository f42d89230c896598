import { EmailAddress, InvitationsService } from "@effect-clerk/core"
import { Array, DateTime, Effect } from "effect"
import type { OutcomesFile, PreviousRun } from "./outcomesFile.js"

// Their clock and ours need not agree.
const skew = "1 minute"

/**
 * Looks at those of whom a run before could not say whether they were invited. Whoever has a pending invitation, or got any since
 * that run began, was: they are noted, and their folded addresses answered. The others may be sent again, since the service
 * refuses a second invitation that is pending.
 */
export const settleUnknown = (past: PreviousRun, journal: OutcomesFile) =>
  Effect.gen(function*() {
    const invitations = yield* InvitationsService
    const unknown = Array.filter([...past.entries.values()], ({ outcome }) => outcome === "Unknown")
    const since = past.startedAt === undefined ? undefined : DateTime.subtractDuration(past.startedAt, skew)
    const settled = yield* Effect.forEach(unknown, ({ email_address, line }) =>
      Effect.gen(function*() {
        const found = yield* invitations.findByEmail(email_address)
        const theirs = found.find(({ createdAt, isPending }) =>
          isPending || (since !== undefined && DateTime.greaterThanOrEqualTo(createdAt, since))
        )
        if (theirs === undefined) return []
        yield* journal.append({ line, email_address, outcome: "AlreadyInvited", id: theirs.id })
        return [EmailAddress.fold(email_address)]
      }), { concurrency: 4 })
    return new Set(settled.flat())
  })
