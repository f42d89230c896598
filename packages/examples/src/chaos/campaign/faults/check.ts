/**
 * Compares the campaigns of a fault run with the emulator.
 */
import { EmailAddress } from "@effect-clerk/core"
import type { Campaign, Person } from "@effect-clerk/http/InviteCampaign"
import { addressOf, kindOf } from "../people.js"
import type { Evidence } from "../verify.js"
import { verify } from "../verify.js"
import type { Lease } from "./leases.js"
import type { Plan } from "./plan.js"
import { limits } from "./settings.js"

/**
 * A campaign after its end.
 */
export interface Ended {
  readonly plan: Plan
  readonly campaign: Campaign
  readonly people: ReadonlyArray<Person>
}

/** What the emulator knows after a run. */
export type Emulated = Pick<Evidence, "calls" | "emails" | "invitations">

const counted = (addresses: ReadonlyArray<string>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const address of addresses) {
    const key = EmailAddress.fold(address)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}

// Not everybody is invited, but who is invited is invited once, and the store knows it.
const ofCancelled = ({ campaign, people, plan }: Ended, { emails }: Emulated): ReadonlyArray<string> => {
  const sent = counted(emails)
  return [
    ...(campaign.state === "cancelled" ? [] : [`${plan.id} is ${campaign.state} although it was cancelled`]),
    ...people.flatMap(({ emailAddress, position, state }) => {
      const count = sent.get(EmailAddress.fold(emailAddress)) ?? 0
      const expected = state === "Created" ? 1 : 0
      return state === "Repeated" || count === expected
        ? []
        : [`position ${position} of ${plan.id} (${state}) got ${count} e-mails`]
    })
  ]
}

const ofCompleted = (ended: Ended, emulated: Emulated): ReadonlyArray<string> =>
  verify({
    ...ended,
    ...emulated,
    limits,
    allowDuplicates: false,
    expected: ended.plan.people,
    first: ended.plan.first,
    emailsEach: ended.plan.followsUp === true ? 2 : 1
  }).map((violation) => `${ended.plan.id}: ${violation}`)

/** Everybody of the plans gets the outcome and the e-mails that the plans say. */
export const separate = (campaigns: ReadonlyArray<Ended>, emulated: Emulated): ReadonlyArray<string> =>
  campaigns.flatMap((ended) =>
    ended.plan.isInterrupted === "cancelled" ? ofCancelled(ended, emulated) : ofCompleted(ended, emulated)
  )

/** The campaigns have the same people, and everybody new is invited exactly once over all of them. */
export const shared = (campaigns: ReadonlyArray<Ended>, { calls, emails }: Emulated): ReadonlyArray<string> => {
  const sent = counted(emails)
  const refused = calls.filter(({ outcome }) => outcome === "too_many_requests").length
  const positions = Array.from({ length: campaigns[0]?.plan.people ?? 0 }, (_, position) => position)
  return [
    ...campaigns.flatMap(({ campaign, plan }) =>
      campaign.state === "completed" ? [] : [`${plan.id} is ${campaign.state}`]
    ),
    ...(refused === 0 ? [] : [`${refused} calls were answered by a 429`]),
    ...positions.filter((position) => kindOf(position) === "new").flatMap((position) => {
      const states = campaigns.map(({ people }) => people[position]?.state ?? "missing")
      const count = sent.get(EmailAddress.fold(addressOf(position))) ?? 0
      const created = states.filter((state) => state === "Created").length
      const invited = states.filter((state) => state === "AlreadyInvited").length
      return count === 1 && created === 1 && invited === states.length - 1
        ? []
        : [`position ${position} (${states.join(", ")}) got ${count} e-mails`]
    })
  ]
}

/** Machines of the old version leave the campaign `newer` alone. Those of both versions work on the campaign `older`. */
export const versions = (
  leases: ReadonlyArray<Lease>,
  { newer, older }: { readonly newer: string; readonly older: string }
): ReadonlyArray<string> => {
  const isOld = ({ machine }: Lease) => machine.startsWith("old-")
  const ofOlder = leases.filter(({ campaign }) => campaign === older)
  return [
    ...leases.filter((lease) => lease.campaign === newer && isOld(lease)).map(({ machine }) =>
      `${machine} had the lease of ${newer}`
    ),
    ...(ofOlder.some(isOld) && !ofOlder.every(isOld) ? [] : [`only one version had leases of ${older}`])
  ]
}
