import * as EmailAddress from "@effect-clerk/core/EmailAddress"
import type { ErrorDetail } from "@effect-clerk/core/ErrorDetail"
import type { Invitation } from "@effect-clerk/core/Invitation"
import type { CreateError } from "@effect-clerk/core/InvitationError"
import { AmbiguousWrite, isTransient } from "@effect-clerk/core/InvitationError"
import type { InvalidRequest } from "@effect-clerk/core/InvitationError"
import type { InstanceRefusal } from "@effect-clerk/core/InviteMany"
import { endsJob, sharedRefusal } from "@effect-clerk/core/InviteMany"
import * as Arr from "effect/Array"
import * as Option from "effect/Option"
import * as Problem from "../model/problem.js"
import type { Recipient } from "../model/request.js"
import * as Request from "../model/request.js"
import type { Settings } from "../model/settings.js"
import type { Settlement } from "../store/store.js"
import type { Memo } from "./memo.js"
import type { Stop } from "./stop.js"
import * as Stops from "./stop.js"

/**
 * An error that every other request would meet too.
 */
export type Fatal = InstanceRefusal | InvalidRequest

/**
 * What follows from the response to a create: the settlements of its people, and whether the slice stops.
 */
export interface Verdict {
  readonly settlements: ReadonlyArray<Settlement>
  readonly stop?: Stop | undefined
}

// When the invitations are looked up after a post with an unknown outcome, in milliseconds.
const firstCheck = 1000

/**
 * The settlement of a person that is certainly not created.
 */
export const pendingAgain = ({ person }: Recipient, batch = person.batch): Settlement => ({
  position: person.position,
  state: "pending",
  batch,
  keepDoubt: person.firstPostedAt !== null
})

const unknownYet = (now: number) => ({ person }: Recipient): Settlement => ({
  position: person.position,
  state: "sending",
  checkAt: now + firstCheck
})

export const created = ({ person }: Recipient, { id }: Invitation): Settlement => ({
  position: person.position,
  state: "Created",
  invitationId: id
})

/**
 * After a successful create. Clerk does not document the order of the response of a bulk create.
 */
export const afterSuccess = (
  recipients: ReadonlyArray<Recipient>,
  invitations: ReadonlyArray<Invitation>,
  { memo, now }: { readonly memo: Memo; readonly now: number }
): Verdict => {
  memo.accepted(recipients.length)
  return {
    settlements: recipients.map((recipient, index) => {
      const invitation = invitations.find(({ emailAddress }) =>
        EmailAddress.equals(emailAddress, recipient.request.emailAddress)
      ) ?? invitations[index]
      return invitation === undefined ? unknownYet(now)(recipient) : created(recipient, invitation)
    })
  }
}

/**
 * After a failed create.
 */
export const afterFailure = (
  recipients: ReadonlyArray<Recipient>,
  error: CreateError,
  options: { readonly memo: Memo; readonly now: number; readonly settings: Settings }
): Verdict => {
  if (error instanceof AmbiguousWrite) {
    return { settlements: recipients.map(unknownYet(options.now)), stop: Stops.failure(error) }
  }
  if (endsJob(error)) {
    return { settlements: recipients.map((recipient) => pendingAgain(recipient)), stop: Stops.refused(error) }
  }
  if (isTransient(error)) {
    return { settlements: recipients.map((recipient) => pendingAgain(recipient)), stop: Stops.failure(error) }
  }
  return afterRefusal(recipients, error, options)
}

const names = (detail: ErrorDetail, { request }: Recipient): boolean =>
  detail.emailAddresses.some((address) => EmailAddress.equals(address, request.emailAddress))

const afterRefusal = (
  recipients: ReadonlyArray<Recipient>,
  error: Exclude<CreateError, AmbiguousWrite>,
  { memo, now, settings }: { readonly memo: Memo; readonly now: number; readonly settings: Settings }
): Verdict => {
  const details = "errors" in error ? error.errors : []
  const settle = (recipient: Recipient, own: ReadonlyArray<ErrorDetail>): Settlement => {
    const { position } = recipient.person
    const codes = own.map(({ code }) => code)
    if (codes.includes("duplicate_record")) return afterDuplicate(recipient, { now, settings })
    if (codes.includes("form_identifier_exists")) return { position, state: "UserExists" }
    // The invitations were listed before a person is posted again, and none was found. If an earlier post had created one,
    // Clerk would refuse a duplicate, unless it accepts duplicates.
    const isCertain = recipient.person.firstPostedAt === null || Request.refusesDuplicates(recipient)
    const state = isCertain ? "Rejected" : "Unknown"
    return { position, state, problem: Problem.toJson(error) }
  }
  const [others, culprits] = recipients.length === 1
    ? [[], recipients]
    : Arr.partition(recipients, (recipient) => details.some((detail) => names(detail, recipient)))
  if (recipients.length > 1 && culprits.length > 0) {
    return {
      settlements: [
        ...others.map((recipient) => pendingAgain(recipient)),
        ...culprits.map((recipient) => settle(recipient, details.filter((detail) => names(detail, recipient))))
      ]
    }
  }
  const isNamed = culprits.some((recipient) => details.some((detail) => names(detail, recipient)))
  const shared = isNamed ? Option.none() : sharedRefusal(recipients.map(({ request }) => request), error)
  const isProven = memo.refused(recipients.length, shared)
  if (isProven && endsCampaign(error)) {
    return { settlements: recipients.map((recipient) => pendingAgain(recipient)), stop: Stops.refused(error) }
  }
  if (recipients.length === 1) return { settlements: culprits.map((recipient) => settle(recipient, details)) }
  // Someone of the batch is refused. With single creates each is sent alone, which costs no further batch.
  const batch = settings.useSingleCreates ? 1 : Math.ceil(recipients.length / 2)
  return { settlements: recipients.map((recipient) => pendingAgain(recipient, batch)) }
}

const endsCampaign = (error: CreateError): error is Extract<CreateError, InstanceRefusal> => "errors" in error

// Clerk names a duplicate, but not its invitation. An earlier post may have created it.
const afterDuplicate = (
  { person }: Recipient,
  { now, settings }: { readonly now: number; readonly settings: Settings }
): Settlement =>
  person.firstPostedAt === null && settings.onExisting === "report"
    ? { position: person.position, state: "AlreadyInvited" }
    : { position: person.position, state: "sending", checkAt: now }
