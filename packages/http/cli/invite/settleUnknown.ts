import { EmailAddress, InvitationsService } from "@effect-clerk/core"
import type { Invitation } from "@effect-clerk/core/Invitation"
import { DateTime, Effect } from "effect"
import type { Entry, OutcomesFile, PreviousRun } from "./outcomesFile.js"
import { expiry } from "./report.js"

/**
 * The rows of an address whose last outcome is unknown.
 */
export interface UnknownRows {
  readonly emailAddress: string
  /** The first of the lines. */
  readonly line: number
  readonly rows: number
}

/**
 * The outcome of an address that is not sent again.
 */
export type Settled = "Created" | "AlreadyInvited"

// The clock of this machine may be ahead of Clerk's.
const clockSkew = "1 minute"

// An invitation that existed before the request is not its result. An expired invitation cannot be accepted.
const isResult = (previous: PreviousRun, entry: Entry) => ({ createdAt, id, status }: Invitation): boolean => {
  const since = entry.since ?? previous.startedAt
  return status !== "expired" &&
    since !== undefined && DateTime.greaterThanOrEqualTo(createdAt, DateTime.subtractDuration(since, clockSkew)) &&
    previous.ids.get(EmailAddress.fold(entry.email_address))?.has(id) !== true &&
    entry.replaced?.includes(id) !== true
}

/**
 * Reconciles the unknown outcomes of previous runs for the rows of the file. An address with an invitation that the request may
 * have created is recorded as `Created`, one with another pending invitation as `AlreadyInvited`. Returns these outcomes by folded
 * address. The other addresses may be sent again: Clerk rejects a second pending invitation.
 */
export const settleUnknown = (
  previous: PreviousRun,
  unknown: ReadonlyMap<string, UnknownRows>,
  outcomesFile: OutcomesFile
) =>
  Effect.gen(function*() {
    const invitations = yield* InvitationsService
    const settled = yield* Effect.forEach(unknown, ([address, { emailAddress, line }]) =>
      Effect.gen(function*() {
        const entry = previous.entries.get(address)
        const candidates = yield* invitations.findByEmail(emailAddress)
        const created = entry === undefined ? undefined : candidates.find(isResult(previous, entry))
        const invitation = created ?? candidates.find(({ isPending }) => isPending)
        if (invitation === undefined) return []
        const outcome: Settled = created === undefined ? "AlreadyInvited" : "Created"
        yield* outcomesFile.append({
          line,
          email_address: emailAddress,
          outcome,
          id: invitation.id,
          ...expiry(invitation)
        })
        return [[address, outcome] as const]
      }), { concurrency: 4 })
    return new Map(settled.flat())
  })
