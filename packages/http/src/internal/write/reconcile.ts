import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import * as EmailAddress from "@effect-clerk/core/EmailAddress"
import type { Invitation, InvitationId } from "@effect-clerk/core/Invitation"
import { isDuplicate } from "@effect-clerk/core/InvitationError"
import { maxLimit } from "@effect-clerk/core/ListInvitations"
import type { ListInvitations } from "@effect-clerk/core/ListInvitations"
import * as Metadata from "@effect-clerk/core/Metadata"
import * as Arr from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Reconcile, Reconciliation } from "../call/call.js"
import { committed, notCommitted, notFound } from "../call/call.js"
import type { AttemptFailure } from "../client/attemptFailure.js"
import type { Moment } from "../client/monotonic.js"
import type { Listing, LookUp } from "./lookUp.js"
import { poll } from "./lookUp.js"

/**
 * The invitations of a create, in the order of its requests. A single create has one.
 */
export type Created = Arr.NonEmptyReadonlyArray<Invitation>

/**
 * The invitations that creates of this layer returned during the last five minutes. Reconciliation must not attribute
 * one of them to another create.
 */
export interface RecentlyCreated {
  readonly has: (id: InvitationId) => boolean
  readonly add: (invitations: ReadonlyArray<Invitation>, now: number) => void
}

const keptMillis = 5 * 60 * 1000

export const makeRecentlyCreated = (): RecentlyCreated => {
  // In the order of insertion, so the oldest come first.
  const addedAt = new Map<InvitationId, number>()
  return {
    has: (id) => addedAt.has(id),
    add: (invitations, now) => {
      for (const [id, time] of addedAt) {
        if (time > now - keptMillis) break
        addedAt.delete(id)
      }
      for (const { id } of invitations) addedAt.set(id, now)
    }
  }
}

/**
 * Makes a function that says whether an invitation is known to be older than a create: another create of this layer
 * returned it, the caller knows it, or it was listed before the first attempt.
 */
export const isKnown =
  ({ baseline, recentlyCreated, known }: Pick<Options, "baseline" | "recentlyCreated" | "known">) =>
  (id: InvitationId): boolean =>
    recentlyCreated.has(id) || known.includes(id) || Option.exists(baseline, (ids) => ids.has(id))

/**
 * Lists all invitations for these addresses. Clerk lists revoked ones only on request.
 */
const listAll = (lookUp: LookUp, addresses: ReadonlyArray<string>) =>
  Effect.forEach(
    addresses.flatMap((query): ReadonlyArray<ListInvitations> => [
      { query, limit: maxLimit },
      { query, limit: maxLimit, status: "revoked" }
    ]),
    lookUp,
    { concurrency: 4 }
  )

const addressesOf = (requests: ReadonlyArray<CreateInvitation>): ReadonlyArray<string> =>
  Array.from(new Map(requests.map(({ emailAddress }) => [EmailAddress.fold(emailAddress), emailAddress])).values())

/**
 * The ids of all invitations for the addresses of a create, listed before it is sent. `None` if listing fails: then
 * only `createdAt` and the server's time distinguish new invitations from older ones.
 */
export const baseline = (
  lookUp: LookUp,
  requests: ReadonlyArray<CreateInvitation>
): Effect.Effect<Option.Option<ReadonlySet<InvitationId>>> =>
  Effect.option(
    Effect.map(
      listAll(lookUp, addressesOf(requests)),
      (listings) => new Set(listings.flatMap(({ data }) => data.map(({ id }) => id)))
    )
  )

// In milliseconds. A `Date` header has whole seconds, and the clocks of the servers behind one address differ a little.
const tolerance = 2000

const millisBetween = (from: Moment, to: Moment): Moment => ({
  monotonic: to.monotonic - from.monotonic,
  wall: to.wall - from.wall
})

const isSame = (request: CreateInvitation, invitation: Invitation): boolean =>
  EmailAddress.equals(request.emailAddress, invitation.emailAddress) &&
  Metadata.equals(request.publicMetadata ?? {}, invitation.publicMetadata)

/**
 * Assigns candidates to requests, one to one: `Committed` if every request has its candidate and no candidate is left,
 * `NotFound` if no request has one, otherwise `Ambiguous`.
 */
const assign = (
  requests: ReadonlyArray<CreateInvitation>,
  candidates: ReadonlyArray<Invitation>
): Reconciliation<Created> => {
  const matches = requests.map((request) => candidates.filter((candidate) => isSame(request, candidate)))
  const ids = Array.from(new Set(matches.flat().map(({ id }) => id)))
  const taken = new Set<InvitationId>()
  const assigned = matches.flatMap((found) => {
    const next = found.find(({ id }) => !taken.has(id))
    if (next === undefined) return []
    taken.add(next.id)
    return [next]
  })
  if (!Arr.isNonEmptyReadonlyArray(assigned)) return notFound
  return assigned.length === requests.length && ids.length === requests.length
    ? committed(assigned)
    : { _tag: "Ambiguous", candidates: ids }
}

export interface Options {
  readonly lookUp: LookUp
  readonly recentlyCreated: RecentlyCreated
  readonly requests: ReadonlyArray<CreateInvitation>
  /** The ids that were listed before the first attempt. `None` if they were not listed. */
  readonly baseline: Option.Option<ReadonlySet<InvitationId>>
  /** The invitations that the caller knows to be older. */
  readonly known: ReadonlyArray<InvitationId>
  /** When the first attempt began. */
  readonly sentAt: Moment
  /** Whether the server rejects a second pending invitation for each of the addresses. */
  readonly rejectsDuplicates: boolean
}

/**
 * Lists the invitations for the addresses of a create, and reconciles the create with them.
 *
 * An invitation with the address and metadata of a request is
 *
 * - older, if another create of this layer returned it, if the caller knows it, if it was listed
 *   before the first attempt, or if by the server's clock more time has passed since its creation than since the first attempt;
 * - new, if it is not older, and it was not listed before or the server's clock says so. It is attributed to the create;
 * - otherwise a candidate that makes the reconciliation ambiguous.
 *
 * An invitation with other metadata is never that of the create. If no invitation is attributed and a pending one for
 * one of the addresses, older or with other metadata, makes the server reject the create, the create was not committed.
 */
const reconcileOnce = (
  { baseline, lookUp, recentlyCreated, rejectsDuplicates, known, requests, sentAt }: Options
): Effect.Effect<Reconciliation<Created>, AttemptFailure> => {
  const addresses = addressesOf(requests)
  const isOlder = isKnown({ baseline, recentlyCreated, known })

  const ageOf = ({ receivedAt, serverTime }: Listing, { createdAt, id }: Invitation): "older" | "new" | "unknown" => {
    if (isOlder(id)) return "older"
    const { monotonic, wall } = millisBetween(sentAt, receivedAt)
    const isOlderThan = (millis: number) =>
      Option.exists(serverTime, (time) => time - DateTime.toEpochMillis(createdAt) > millis + tolerance)
    // The monotonic clock stands still while a machine is suspended. The wall clock does not, but it may be set. By its
    // time even if the baseline is known: the list of the baseline may have been stale.
    if (isOlderThan(monotonic) && isOlderThan(wall)) return "older"
    return Option.isSome(baseline) || (Option.isSome(serverTime) && !isOlderThan(monotonic)) ? "new" : "unknown"
  }

  const isConflict = (invitation: Invitation): boolean =>
    rejectsDuplicates && invitation.isPending &&
    addresses.some((address) => EmailAddress.equals(address, invitation.emailAddress))

  return Effect.map(listAll(lookUp, addresses), (listings) => {
    const candidates = new Map<InvitationId, Invitation>()
    const ofUnknownAge = new Set<InvitationId>()
    let hasConflict = false
    for (const listing of listings) {
      for (const invitation of listing.data) {
        const age = ageOf(listing, invitation)
        if (age !== "older" && requests.some((request) => isSame(request, invitation))) {
          candidates.set(invitation.id, invitation)
          if (age === "unknown") ofUnknownAge.add(invitation.id)
        } else if (isConflict(invitation)) hasConflict = true
      }
    }
    const reconciliation = assign(requests, Array.from(candidates.values()))
    if (reconciliation._tag === "NotFound" && hasConflict) return notCommitted
    return reconciliation._tag === "Committed" && ofUnknownAge.size > 0
      ? { _tag: "Ambiguous", candidates: reconciliation.value.map(({ id }) => id) }
      : reconciliation
  })
}

/**
 * Reconciles a create whose outcome is unknown.
 *
 * The last reconciliation of a call, and that of a rejected duplicate, is repeated until the invitation is listed or
 * `reconcileTimeout` is over, since the list may be stale. Before a retry it runs once, and again only if it is
 * ambiguous.
 */
export const make = (options: Options): Reconcile<Created> => {
  const once = Effect.orElseSucceed(reconcileOnce(options), () => notFound)

  const repeatedly = (millis: number): Effect.Effect<Reconciliation<Created>> =>
    Effect.suspend(() => {
      let latest: Reconciliation<Created> = notFound
      const keepCandidates = Effect.map(once, (next) => {
        // A later list without the candidates is stale and does not rule them out.
        if (latest._tag !== "Ambiguous" || next._tag === "Ambiguous" || next._tag === "Committed") latest = next
        return latest
      })
      return poll(keepCandidates, millis, ({ _tag }) => _tag === "Committed")
    })

  return (failure, { last, policy }) => {
    const timeout = Duration.toMillis(policy.reconcileTimeout)
    if (last || isDuplicate(failure.error)) return repeatedly(timeout)
    if (failure.disposition !== "Unknown") return Effect.succeed(notFound)
    return Effect.flatMap(once, (reconciliation) => {
      if (reconciliation._tag === "Ambiguous") return repeatedly(timeout)
      // A stale list may show the older invitation without the new one. The retry finds out.
      return Effect.succeed(reconciliation._tag === "NotCommitted" ? notFound : reconciliation)
    })
  }
}
