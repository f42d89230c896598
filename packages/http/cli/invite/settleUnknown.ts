import { EmailAddress, InvitationsService } from "@effect-clerk/core"
import { Array, DateTime, Effect } from "effect"
import type { OutcomesFile, PreviousRun } from "./outcomesFile.js"

// The clock of this machine may be ahead of Clerk's.
const clockSkew = "1 minute"

/**
 * Reconciles the unknown outcomes of previous runs. An address with an invitation created since the first run began is recorded
 * as `Created`, one with an older pending invitation as `AlreadyInvited`. Returns these outcomes by folded address. The other
 * addresses may be sent again: Clerk rejects a second pending invitation.
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
        const created = candidates.find(({ createdAt }) =>
          since !== undefined && DateTime.greaterThanOrEqualTo(createdAt, since)
        )
        const invitation = created ?? candidates.find(({ isPending }) => isPending)
        if (invitation === undefined) return []
        const outcome = created === undefined ? "AlreadyInvited" : "Created"
        yield* outcomesFile.append({ line, email_address, outcome, id: invitation.id })
        return [[EmailAddress.fold(email_address), outcome] as const]
      }), { concurrency: 4 })
    return new Map(settled.flat())
  })
