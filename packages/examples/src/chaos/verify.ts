/**
 * Compares what the client was told with what is in the store.
 */
import { EmailAddress, Metadata } from "@effect-clerk/core"
import type { CreateInvitation, Invitation } from "@effect-clerk/core"
import { Either } from "effect"
import type { Report } from "./operations.js"

const isFor = (request: CreateInvitation.Input) => (invitation: Invitation): boolean =>
  EmailAddress.equals(invitation.emailAddress, request.emailAddress) &&
  Metadata.equals(invitation.publicMetadata, request.publicMetadata ?? {})

type Create = Extract<Report, { readonly _tag: "Create" }>

const verifyAddress = (
  address: string,
  made: ReadonlyArray<Invitation>,
  reports: ReadonlyArray<Create>
): ReadonlyArray<string> => {
  const answered = reports.flatMap(({ answer, requests }) =>
    Either.isRight(answer)
      ? requests.flatMap((request, index) =>
        EmailAddress.fold(request.emailAddress) === address ? [{ request, invitation: answer.right[index] }] : []
      )
      : []
  )
  const ambiguous =
    reports.filter(({ answer }) => Either.isLeft(answer) && answer.left._tag === "AmbiguousWrite").length
  const name = reports[0]?.name ?? "create"
  const violations: Array<string> = []
  const ids = new Set<string>()
  for (const { invitation, request } of answered) {
    if (invitation === undefined || !made.some(({ id }) => id === invitation.id)) {
      violations.push(`${name}: success for ${address}, but it is not in the store`)
    } else if (!isFor(request)(invitation)) {
      violations.push(`${name}: success for ${address} with somebody else's invitation`)
    } else if (ids.has(invitation.id)) {
      violations.push(`${name}: two creates of ${address} were answered with the same invitation`)
    } else {
      ids.add(invitation.id)
    }
  }
  const unclaimed = made.length - ids.size
  if (unclaimed > ambiguous) {
    violations.push(
      `${name}: ${made.length} made for ${address}, but ${answered.length} succeeded and ${ambiguous} are ambiguous`
    )
  }
  return violations
}

/**
 * Everything that contradicts the promise: a create that succeeds happened exactly once, a write that fails with anything but
 * `AmbiguousWrite` did not happen. `made` is every invitation that was ever created, `present` what is there now.
 */
export const verify = (
  reports: ReadonlyArray<Report>,
  made: ReadonlyMap<string, ReadonlyArray<Invitation>>,
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
      case "Revoke": {
        const status = present.get(report.id)?.status
        if (Either.isRight(report.answer)) {
          if (status !== "revoked") violations.push(`${report.name}: success, but the invitation is ${String(status)}`)
        } else if (report.answer.left._tag !== "AmbiguousWrite" && status === "revoked") {
          violations.push(`${report.name}: failed with ${report.answer.left._tag}, but it happened`)
        }
        break
      }
      case "Delete": {
        const exists = present.has(report.id)
        if (Either.isRight(report.answer)) {
          if (exists) violations.push(`${report.name}: success, but the invitation is still there`)
        } else if (report.answer.left._tag !== "AmbiguousWrite" && !exists) {
          violations.push(`${report.name}: failed with ${report.answer.left._tag}, but it happened`)
        }
        break
      }
      case "List": {
        if (new Set(report.ids).size !== report.ids.length) violations.push(`${report.name}: a row twice on one page`)
        break
      }
    }
  }
  for (const [address, attempts] of creates) {
    violations.push(...verifyAddress(address, made.get(address) ?? [], attempts))
  }
  return violations
}
