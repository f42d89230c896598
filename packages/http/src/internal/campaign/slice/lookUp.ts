import * as EmailAddress from "@effect-clerk/core/EmailAddress"
import type { ListError } from "@effect-clerk/core/InvitationError"
import { Timeout } from "@effect-clerk/core/InvitationError"
import { maxLimit } from "@effect-clerk/core/ListInvitations"
import type { ListInvitations } from "@effect-clerk/core/ListInvitations"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { StoreError } from "../../../InviteCampaignError.js"
import type { Recipient } from "../model/request.js"
import { longestCall } from "../model/tuning.js"
import type { Found } from "./ours.js"
import type { Work } from "./work.js"

/**
 * How many look-ups are in flight at a time.
 */
const concurrency = 5

/**
 * The invitations of one person, or the error of the look-up.
 */
export interface LookedUp {
  readonly recipient: Recipient
  readonly found: Either.Either<Found, ListError>
}

/**
 * The list requests for one person. Clerk lists revoked invitations only on request. An invitation of an earlier post of the
 * person may have been revoked.
 */
const queriesOf = ({ person, request }: Recipient): ReadonlyArray<ListInvitations> => {
  const query = { query: request.emailAddress, limit: maxLimit }
  return person.firstPostedAt === null ? [query] : [query, { ...query, status: "revoked" }]
}

/**
 * The number of calls with which `lookUp` lists the invitations of these people. At most `maxCallsPerPerson` each.
 */
export const callsFor = (recipients: ReadonlyArray<Recipient>): number => recipients.flatMap(queriesOf).length

const maxCallsPerPerson = 2

/**
 * Lists the invitations of each person, whose calls are already booked.
 */
export const lookUp = (
  { attempts, callLimit, store, tuning }: Work,
  recipients: ReadonlyArray<Recipient>,
  before: number
): Effect.Effect<ReadonlyArray<LookedUp>, StoreError> =>
  Effect.gen(function*() {
    const duration = Duration.millis(longestCall(tuning))
    const limit = callLimit.limit(() => new Timeout({ operation: "list", limit: "attempt", duration }))
    const list = (query: ListInvitations) => limit(attempts.list(query))
    const listings = yield* Effect.forEach(
      recipients,
      (recipient) => Effect.either(Effect.forEach(queriesOf(recipient), list)),
      { concurrency }
    )
    const after = yield* store.now
    return recipients.map((recipient, index) => ({
      recipient,
      found: Either.map(listings[index] ?? Either.right([]), (pages): Found => ({
        invitations: pages.flatMap(({ data }) => data).filter(({ emailAddress }) =>
          EmailAddress.equals(emailAddress, recipient.request.emailAddress)
        ),
        serverTime: Option.firstSomeOf(pages.map(({ serverTime }) => serverTime)),
        before,
        after
      }))
    }))
  })

/**
 * How many people may be looked up and posted together under the limit of all calls.
 */
export const chunkSize = ({ quotas }: Work, most: number): number =>
  Math.max(1, Math.min(most, Math.floor(quotas.all.limit / (maxCallsPerPerson + 1))))
