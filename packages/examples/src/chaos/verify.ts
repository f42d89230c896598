/**
 * Compares the results that the client returned with the emulator's store.
 */
import { EmailAddress, Metadata } from "@effect-clerk/core"
import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import type { Invitation } from "@effect-clerk/core/Invitation"
import { Either } from "effect"
import type { Report } from "./operations.js"

const isFor = (request: CreateInvitation.Input) => (invitation: Invitation): boolean =>
  EmailAddress.equals(invitation.emailAddress, request.emailAddress) &&
  Metadata.equals(invitation.publicMetadata, request.publicMetadata ?? {})

type Create = Extract<Report, { readonly _tag: "Create" }>

const verifyAddress = (
  address: string,
  created: ReadonlyArray<Invitation>,
  reports: ReadonlyArray<Create>
): ReadonlyArray<string> => {
  const succeeded = reports.flatMap(({ result, requests }) =>
    Either.isRight(result)
      ? requests.flatMap((request, index) =>
        EmailAddress.fold(request.emailAddress) === address ? [{ request, invitation: result.right[index] }] : []
      )
      : []
  )
  const ambiguous =
    reports.filter(({ result }) => Either.isLeft(result) && result.left._tag === "AmbiguousWrite").length
  const name = reports[0]?.name ?? "create"
  const violations: Array<string> = []
  const ids = new Set<string>()
  for (const { invitation, request } of succeeded) {
    if (invitation === undefined || !created.some(({ id }) => id === invitation.id)) {
      violations.push(`${name}: success for ${address}, but it is not in the store`)
    } else if (!isFor(request)(invitation)) {
      violations.push(`${name}: success for ${address} with the invitation of another request`)
    } else if (ids.has(invitation.id)) {
      violations.push(`${name}: two creates of ${address} returned the same invitation`)
    } else {
      ids.add(invitation.id)
    }
  }
  const unclaimed = created.length - ids.size
  if (unclaimed > ambiguous) {
    violations.push(
      `${name}: ${created.length} invitations exist for ${address}, but ${succeeded.length} creates succeeded and ${ambiguous} are ambiguous`
    )
  }
  return violations
}

// After a success the old invitation is dead and exactly one is pending, and each earlier call that is not ambiguous created none.
const verifyResend = (
  { name, old, results }: Extract<Report, { readonly _tag: "Resend" }>,
  created: ReadonlyArray<Invitation>,
  present: ReadonlyMap<string, Invitation>
): ReadonlyArray<string> => {
  const last = results.at(-1)
  const ambiguous = results.filter((result) => Either.isLeft(result) && result.left.reason === "AmbiguousWrite").length
  const succeeded = last !== undefined && Either.isRight(last) ? [last.right] : []
  const violations: Array<string> = []
  const news = created.filter(({ id }) => id !== old)
  if (news.length < succeeded.length || news.length > succeeded.length + ambiguous) {
    violations.push(
      `${name}: ${news.length} invitations were created, but ${succeeded.length} calls succeeded and ${ambiguous} are ambiguous`
    )
  }
  for (const { id } of succeeded) {
    const pending = created.filter((invitation) => invitation.isPending).map((invitation) => invitation.id)
    if (present.get(old)?.status === "pending") violations.push(`${name}: success, but the old invitation is pending`)
    if (pending.length !== 1 || pending[0] !== id) {
      // A late commit of an ambiguous create cannot happen while another invitation is pending.
      violations.push(`${name}: success, but ${pending.length} other invitations are pending`)
    }
  }
  return violations
}

/**
 * Returns the violations of the promise: a create that succeeds happened exactly once, and a write that fails with anything but
 * `AmbiguousWrite` did not happen. `created` holds every invitation that was created, `present` those that still exist.
 */
export const verify = (
  reports: ReadonlyArray<Report>,
  created: ReadonlyMap<string, ReadonlyArray<Invitation>>,
  present: ReadonlyMap<string, Invitation>
): ReadonlyArray<string> => {
  const violations: Array<string> = []
  const creates = new Map<string, Array<Create>>()
  for (const report of reports) {
    switch (report._tag) {
      case "Create": {
        for (const { emailAddress } of report.requests) {
          const address = EmailAddress.fold(emailAddress)
          creates.set(address, [...creates.get(address) ?? [], report])
        }
        break
      }
      case "Resend": {
        violations.push(...verifyResend(report, created.get(EmailAddress.fold(report.emailAddress)) ?? [], present))
        break
      }
      case "Revoke": {
        const status = present.get(report.id)?.status
        if (Either.isRight(report.result)) {
          if (status !== "revoked") violations.push(`${report.name}: success, but the invitation is ${String(status)}`)
        } else if (report.result.left._tag !== "AmbiguousWrite" && status === "revoked") {
          violations.push(`${report.name}: failed with ${report.result.left._tag}, but it happened`)
        }
        break
      }
      case "Delete": {
        const exists = present.has(report.id)
        if (Either.isRight(report.result)) {
          if (exists) violations.push(`${report.name}: success, but the invitation still exists`)
        } else if (report.result.left._tag !== "AmbiguousWrite" && !exists) {
          violations.push(`${report.name}: failed with ${report.result.left._tag}, but it happened`)
        }
        break
      }
      case "List": {
        if (new Set(report.ids).size !== report.ids.length) {
          violations.push(`${report.name}: one page contains a row twice`)
        }
        break
      }
    }
  }
  for (const [address, attempts] of creates) {
    violations.push(...verifyAddress(address, created.get(address) ?? [], attempts))
  }
  return violations
}
