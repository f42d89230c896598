import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import * as EmailAddress from "@effect-clerk/core/EmailAddress"
import type { Invitation, InvitationId } from "@effect-clerk/core/Invitation"
import { isDuplicate } from "@effect-clerk/core/InvitationError"
import { maxLimit } from "@effect-clerk/core/ListInvitations"
import type { ListInvitations } from "@effect-clerk/core/ListInvitations"
import * as Metadata from "@effect-clerk/core/Metadata"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Reconcile, Reconciliation } from "../call/call.js"
import { notCommitted, notFound } from "../call/call.js"
import type { AttemptFailure } from "../client/attemptFailure.js"
import type { Look, LookUp } from "./lookUp.js"
import { poll } from "./lookUp.js"

/**
 * The invitations that creates of this layer have answered with lately, which are therefore not what another made.
 */
export interface RecentlyCreated {
  readonly has: (id: InvitationId) => boolean
  readonly add: (invitations: ReadonlyArray<Invitation>, now: number) => void
}

const keptFor = 5 * 60 * 1000

export const makeRecentlyCreated = (): RecentlyCreated => {
  const claims = new Map<InvitationId, number>()
  return {
    has: (id) => claims.has(id),
    add: (invitations, now) => {
      for (const [id, since] of claims) {
        if (since > now - keptFor) break
        claims.delete(id)
      }
      for (const { id } of invitations) claims.set(id, now)
    }
  }
}

/**
 * Everything listed for these addresses, revoked or not.
 */
const lookAt = (lookUp: LookUp, addresses: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<Look>, AttemptFailure> =>
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
 * What was listed for the addresses before anything was sent. None where looking failed: then times tell old from new.
 */
export const baseline = (
  lookUp: LookUp,
  requests: ReadonlyArray<CreateInvitation>
): Effect.Effect<Option.Option<ReadonlySet<InvitationId>>> =>
  Effect.option(
    Effect.map(
      lookAt(lookUp, addressesOf(requests)),
      (looks) => new Set(looks.flatMap(({ data }) => data.map(({ id }) => id)))
    )
  )

// A `Date` header has whole seconds, and the clocks behind one service differ a little.
const tolerance = 1000

// Without a `Date` header the clocks are taken to agree, but not as closely.
const blindTolerance = 5000

const isSame = (request: CreateInvitation, invitation: Invitation): boolean =>
  EmailAddress.equals(request.emailAddress, invitation.emailAddress) &&
  Metadata.equals(request.publicMetadata ?? {}, invitation.publicMetadata)

/**
 * Matches the candidates to the requests, one to one. Anything but all or none is ambiguous.
 */
const assign = (
  requests: ReadonlyArray<CreateInvitation>,
  candidates: ReadonlyArray<Invitation>
): Reconciliation<ReadonlyArray<Invitation>> => {
  const matches = requests.map((request) => candidates.filter((candidate) => isSame(request, candidate)))
  const ids = Array.from(new Set(matches.flat().map(({ id }) => id)))
  if (ids.length === 0) return notFound
  const taken = new Set<InvitationId>()
  const value = matches.flatMap((found) => {
    const next = found.find(({ id }) => !taken.has(id))
    if (next !== undefined) taken.add(next.id)
    return next === undefined ? [] : [next]
  })
  return value.length === requests.length && ids.length === requests.length
    ? { _tag: "Committed", value }
    : { _tag: "Ambiguous", candidates: ids }
}

/**
 * Finds out what became of a create whose fate is unknown.
 *
 * An invitation counts as what it made if it is for the same address, with the same metadata, and new: not listed before
 * (where that was looked at), created no earlier than the request was sent, and not what another create of this layer
 * answered with. A look that fails shows nothing; an empty one shows that it is not there yet, so the look is repeated until
 * the settle time is over. Where nothing new is found and an older pending one stands in the way of every create, it did not
 * happen.
 */
export const make = (options: {
  readonly lookUp: LookUp
  readonly recentlyCreated: RecentlyCreated
  readonly requests: ReadonlyArray<CreateInvitation>
  /** What was listed before, if that was looked at. */
  readonly known: Option.Option<ReadonlySet<InvitationId>>
  /** When the first attempt began, by our clock. */
  readonly sentAt: number
  /** Whether the server refuses a second pending invitation for any of the addresses. */
  readonly guarded: boolean
}): Reconcile<ReadonlyArray<Invitation>> => {
  const { recentlyCreated: claims, guarded, known, lookUp, requests, sentAt } = options
  const addresses = addressesOf(requests)

  // By its time even where the ids are known: the list that they were taken from may have lagged behind.
  const isNew = ({ ahead }: Look, invitation: Invitation): boolean =>
    !claims.has(invitation.id) &&
    !Option.exists(known, (ids) => ids.has(invitation.id)) &&
    DateTime.toEpochMillis(invitation.createdAt) >= Option.match(ahead, {
        onSome: (millis) => sentAt + millis - tolerance,
        onNone: () => sentAt - blindTolerance
      })

  const stands = (invitation: Invitation): boolean =>
    invitation.isPending && addresses.some((address) => EmailAddress.equals(address, invitation.emailAddress))

  const look = Effect.map(lookAt(lookUp, addresses), (looks): Reconciliation<ReadonlyArray<Invitation>> => {
    const fresh = new Map<InvitationId, Invitation>()
    let blocked = false
    for (const each of looks) {
      for (const invitation of each.data) {
        if (isNew(each, invitation)) fresh.set(invitation.id, invitation)
        else if (guarded && stands(invitation)) blocked = true
      }
    }
    const finding = assign(requests, Array.from(fresh.values()))
    return finding._tag === "NotFound" && blocked ? notCommitted : finding
  })

  const poll_ = (settle: number): Effect.Effect<Reconciliation<ReadonlyArray<Invitation>>> =>
    Effect.suspend(() => {
      // Candidates stay candidates until one of the looks settles it.
      let last: Reconciliation<ReadonlyArray<Invitation>> = notFound
      return poll(
        settle,
        Effect.map(Effect.orElseSucceed(look, () => notFound), (finding) => {
          if (finding._tag === "Committed" || finding._tag === "Ambiguous" || last._tag !== "Ambiguous") last = finding
          return last
        }),
        ({ _tag }) => _tag === "Committed"
      )
    })

  return (failure, { last, policy }) => {
    const settle = Duration.toMillis(policy.reconcileTimeout)
    if (last || isDuplicate(failure.error)) return poll_(settle)
    if (failure.disposition !== "Unknown") return Effect.succeed(notFound)
    return Effect.flatMap(poll_(0), (finding) => {
      if (finding._tag === "Ambiguous") return poll_(settle)
      return Effect.succeed(finding._tag === "NotCommitted" ? notFound : finding)
    })
  }
}
