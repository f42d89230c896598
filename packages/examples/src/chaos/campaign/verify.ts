/**
 * Compares the campaign in the store with the invitations, the e-mails and the calls of the emulator.
 */
import type { RateLimits } from "@effect-clerk/core"
import { EmailAddress } from "@effect-clerk/core"
import type { Campaign, Person } from "@effect-clerk/http/InviteCampaign"
import { Duration } from "effect"
import type { Kind } from "./people.js"
import { addressOf, kindOf } from "./people.js"

/**
 * What is known after a run.
 */
export interface Evidence {
  readonly campaign: Campaign
  readonly people: ReadonlyArray<Person>
  /** The addresses and ids of the invitations, without those of the other client. */
  readonly invitations: ReadonlyArray<{ readonly id: string; readonly emailAddress: string }>
  /** The addresses of the e-mails, without those of the other client. */
  readonly emails: ReadonlyArray<string>
  /** The calls of the emulator, in the order of their arrival. */
  readonly calls: ReadonlyArray<{ readonly operation: string; readonly at: number; readonly outcome: string }>
  readonly limits: RateLimits.RateLimits
  readonly allowDuplicates: boolean
  /** The number of people that the campaign was given. */
  readonly expected: number
  /** The number, among all people of the run, of the first person of the campaign. Defaults to 0. */
  readonly first?: number | undefined
  /** How many e-mails a person gets that is `Created`. Defaults to 1. More if the campaign follows up. */
  readonly emailsEach?: number | undefined
}

const expectedStates: { readonly [K in Kind]: ReadonlyArray<Person["state"]> } = {
  new: ["Created"],
  user: ["UserExists"],
  invited: ["AlreadyInvited"],
  blocked: ["Rejected"],
  repeated: ["Repeated"]
}

// With `ignoreExisting`, Clerk also invites people who have an invitation or belong to a user, and a lost answer may stay
// unknown.
const statesOf = (kind: Kind, allowDuplicates: boolean): ReadonlyArray<Person["state"]> =>
  !allowDuplicates || kind === "repeated"
    ? expectedStates[kind]
    : kind !== "blocked"
    ? ["Created", "Unknown"]
    : [...expectedStates[kind], "Unknown"]

const countBy = (addresses: ReadonlyArray<string>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const address of addresses) {
    const key = EmailAddress.fold(address)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}

/**
 * The most calls in any window. The last calls of a window may arrive at the moment at which it ends.
 */
const busiest = (times: ReadonlyArray<number>, window: number): number => {
  let most = 0
  let first = 0
  for (const [index, time] of times.entries()) {
    while ((times[first] ?? time) <= time - window) first++
    most = Math.max(most, index - first + 1)
  }
  return most
}

const ofWindows = ({ calls, limits }: Evidence): ReadonlyArray<string> =>
  (["create", "createBulk"] as const).flatMap((operation) => {
    const times = calls.filter((call) => call.operation === operation).map(({ at }) => at)
    const { limit, window } = limits[operation]
    const most = busiest(times, Duration.toMillis(window))
    return most > limit ? [`${most} calls of ${operation} within a window that allows ${limit}`] : []
  })

const ofPerson = (
  { allowDuplicates, emailsEach = 1, first = 0 }: Evidence,
  person: Person,
  invitations: ReadonlyMap<string, string>,
  emails: ReadonlyMap<string, number>
): ReadonlyArray<string> => {
  const { emailAddress, invitationId, state } = person
  const position = first + person.position
  const kind = kindOf(position)
  const name = `position ${position} (${kind}, ${state})`
  const sent = emails.get(EmailAddress.fold(emailAddress)) ?? 0
  const violations: Array<string> = []
  if (EmailAddress.fold(addressOf(position)) !== EmailAddress.fold(emailAddress)) {
    violations.push(`${name} has another address`)
  }
  if (!statesOf(kind, allowDuplicates).includes(state)) violations.push(`${name} has the wrong outcome`)
  if (sent > emailsEach) violations.push(`${name} got ${sent} e-mails`)
  if (state === "Created") {
    if (sent !== emailsEach) violations.push(`${name} got ${sent} e-mails`)
    const address = invitationId._tag === "Some" ? invitations.get(invitationId.value) : undefined
    if (address === undefined || EmailAddress.fold(address) !== EmailAddress.fold(emailAddress)) {
      violations.push(`${name} has the invitation of another address, or none`)
    }
  } else if (state !== "Unknown" && state !== "Repeated" && sent > 0) violations.push(`${name} got an e-mail`)
  return violations
}

/**
 * Returns all violations. Empty if everybody has the right outcome and was invited exactly once.
 */
export const verify = (evidence: Evidence): ReadonlyArray<string> => {
  const { calls, campaign, expected, people } = evidence
  const invitations = new Map(evidence.invitations.map(({ emailAddress, id }) => [id, emailAddress] as const))
  const emails = countBy(evidence.emails)
  const refused = calls.filter(({ outcome }) => outcome === "too_many_requests").length
  return [
    ...(campaign.state === "completed" ? [] : [`the campaign is ${campaign.state}`]),
    ...(people.length === expected ? [] : [`${people.length} of ${expected} people are in the store`]),
    ...(refused === 0 ? [] : [`${refused} calls were answered by a 429`]),
    ...ofWindows(evidence),
    ...people.flatMap((person) => ofPerson(evidence, person, invitations, emails))
  ]
}
