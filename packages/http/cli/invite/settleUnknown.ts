import { EmailAddress, InvitationsService } from "@effect-clerk/core"
import { Array, DateTime, Effect } from "effect"
import type { OutcomesFile, PreviousRun } from "./outcomesFile.js"

// The clock of this machine may be ahead of Clerk's.
const clockSkew = "1 minute"

/**
 * Reconciles the unknown outcomes of previous runs. An address with a pending invitation, or with any invitation created since
 * the first run began, is recorded as `AlreadyInvited`. Returns the folded addresses recorded. The other addresses may be sent
 * again: Clerk rejects a second pending invitation.
 */
export const settleUnknown = (previous: PreviousRun, outcomesFile: OutcomesFile) =>
  Effect.gen(function*() {
    const invitations = yield* InvitationsService
    const unknown = Array.filter([...previous.entries.values()], ({ outcome }) => outcome === "Unknown")
    const since = previous.startedAt === undefined
      ? undefined
      : DateTime.subtractDuration(previous.startedAt, clockSkew)
    const settled = yield* Effect.forEach(unknown, ({ email_address, line }) =>
      Effect.gen(function*() {
        const candidates = yield* invitations.findByEmail(email_address)
        const invitation = candidates.find(({ createdAt, isPending }) =>
          isPending || (since !== undefined && DateTime.greaterThanOrEqualTo(createdAt, since))
        )
        if (invitation === undefined) return []
        yield* outcomesFile.append({ line, email_address, outcome: "AlreadyInvited", id: invitation.id })
        return [EmailAddress.fold(email_address)]
      }), { concurrency: 4 })
    return new Set(settled.flat())
  })
