import type { Invitation, InvitationId } from "@effect-clerk/core/Invitation"
import type { RevokeError } from "@effect-clerk/core/InvitationError"
import { AmbiguousWrite, isAlreadyAccepted, isAlreadyRevoked } from "@effect-clerk/core/InvitationError"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { StoreError } from "../../../InviteCampaignError.js"
import * as Problem from "../model/problem.js"
import type { Recipient } from "../model/request.js"
import * as Request from "../model/request.js"
import type { PersonRow } from "../model/row.js"
import type { FollowUp, LeaseLost, Settlement } from "../store/store.js"
import { book } from "./book.js"
import type { Lane } from "./lane.js"
import * as LookUp from "./lookUp.js"
import type { Found } from "./ours.js"
import { isOurs } from "./ours.js"
import { closeQuota, settle, storeFollowUps } from "./settle.js"
import type { Stop } from "./stop.js"
import * as Stops from "./stop.js"
import { stopAfter } from "./stopAfter.js"
import { created } from "./verdict.js"
import type { Work } from "./work.js"

/**
 * A person to post, with the invitations for the address that are older.
 */
export interface Ready {
  readonly recipient: Recipient
  readonly known: ReadonlyArray<InvitationId>
}

/**
 * Calls that are booked for a post, together with the look-ups before it. Otherwise the look-ups of several campaigns could use
 * the limit of all calls up, again and again, and no person would be posted.
 */
export interface Reserved {
  /** The bookings. */
  readonly calls: ReadonlyArray<number>
  /** The number of calls. */
  readonly amount: number
}

const noneReserved: Reserved = { calls: [], amount: 0 }

/**
 * People to post, and why no more can follow.
 */
export interface Prepared {
  readonly ready: ReadonlyArray<Ready>
  readonly reserved: Reserved
  readonly stop?: Stop | undefined
}

type Step = Ready | Settlement | FollowUp | Stop

const isSettlement = (step: Step): step is Settlement => "state" in step

const isFollowUp = (step: Step): step is FollowUp => "decision" in step

const isStop = (step: Step): step is Stop => "_tag" in step

/**
 * Takes up to `size` people that are to be posted. Looks up their invitations first: who has a pending one gets an outcome
 * instead, and the places are filled with others.
 */
export const prepare = (
  work: Work,
  lane: Lane,
  size: number
): Effect.Effect<Prepared, StoreError | LeaseLost | Request.Unreadable> =>
  Effect.gen(function*() {
    const ready: Array<Ready> = []
    let reserved = noneReserved
    while (true) {
      const wanted = wantedSize(work, lane, size)
      if (ready.length >= wanted) return { ready, reserved }
      const people = yield* take(work, lane, LookUp.chunkSize(work, wanted - ready.length), ready.length > 0)
      if (people.length === 0) return { ready, reserved }
      const amount = lane.operation === "create" ? people.length : 1 - reserved.amount
      const next = yield* Effect.onError(examine(work, lane, people, amount), () => release(lane, people))
      ready.push(...next.ready)
      reserved = {
        calls: [...reserved.calls, ...next.reserved.calls],
        amount: reserved.amount + next.reserved.amount
      }
      yield* release(lane, people, next.ready)
      if (next.stop !== undefined) return { ready, reserved, stop: next.stop }
    }
  })

const wantedSize = ({ memo, settings }: Work, { operation }: Lane, size: number): number => {
  if (memo.isSuspicious()) return operation === "create" || !settings.useSingleCreates ? 1 : 0
  return operation === "createBulk" ? Math.min(size, memo.batchSize()) : size
}

const release = (lane: Lane, people: ReadonlyArray<PersonRow>, except: ReadonlyArray<Ready> = []) =>
  Effect.sync(() => {
    const kept = new Set(except.map(({ recipient }) => recipient.person.position))
    for (const { position } of people) if (!kept.has(position)) lane.taken.delete(position)
  })

/**
 * Takes pending people. With single creates, those of a refused batch are sent by them only; otherwise in smaller batches,
 * once no other person is pending.
 */
const take = ({ load, memo, settings, store }: Work, lane: Lane, limit: number, isPartial: boolean) =>
  Effect.gen(function*() {
    const candidates = (kind: "fresh" | "suspect") =>
      Effect.map(
        store.candidates(load, { kind, limit, except: Array.from(lane.taken) }),
        (rows) => rows.filter(({ position }) => !lane.taken.has(position))
      )
    const claim = (rows: ReadonlyArray<PersonRow>) => {
      for (const { position } of rows) lane.taken.add(position)
      return rows
    }
    if (lane.operation === "create") {
      const suspects = yield* candidates("suspect")
      return claim(suspects.length > 0 ? suspects : yield* candidates("fresh"))
    }
    const fresh = memo.isSuspicious() ? [] : yield* candidates("fresh")
    if (fresh.length > 0 || settings.useSingleCreates || isPartial) return claim(fresh)
    const suspects = yield* candidates("suspect")
    const batch = suspects[0]?.batch ?? 0
    return claim(suspects.filter((person) => person.batch === batch).slice(0, batch))
  })

/**
 * Looks people up and decides who is posted. Stores the outcomes of the others. Reserves `amount` calls for the post if it has
 * to look anybody up.
 */
const examine = (work: Work, lane: Lane, people: ReadonlyArray<PersonRow>, amount: number) =>
  Effect.gen(function*() {
    const { quotas, settings } = work
    const recipients = yield* Effect.forEach(people, Request.decode)
    const [unchecked, checked] = Arr.partition(
      recipients,
      (recipient) =>
        settings.checkExisting || !Request.refusesDuplicates(recipient) || recipient.person.firstPostedAt !== null ||
        recipient.person.invitationId !== null
    )
    const ready: Array<Ready> = unchecked.map((recipient) => ({ recipient, known: [] }))
    if (checked.length === 0) return { ready, reserved: noneReserved }
    const booked = yield* book(work, [[quotas.all, LookUp.callsFor(checked)], [quotas.all, amount]])
    if (booked._tag === "Full") return { ready, reserved: noneReserved, stop: Stops.wait(booked.until) }
    const lookedUp = yield* LookUp.lookUp(work, checked, booked.now)
    const settlements: Array<Settlement> = []
    const followUps: Array<FollowUp> = []
    let stop: Stop | undefined
    for (const { found, recipient } of lookedUp) {
      const step: Step = Either.isRight(found)
        ? yield* afterLookUp(work, lane, recipient, found.right)
        : stopAfter(found.left) ?? { recipient, known: [] }
      if (isStop(step)) stop = step
      else if (isSettlement(step)) settlements.push(step)
      else if (isFollowUp(step)) followUps.push(step)
      else ready.push(step)
    }
    // Reserved calls are answered by the post.
    const isPosted = ready.length > 0
    const answered = isPosted ? booked.calls.slice(0, 1) : booked.calls
    yield* settle(work, "pending", settlements, answered)
    if (followUps.length > 0) yield* storeFollowUps(work, followUps, [])
    yield* closeQuota(work, quotas.all, stop)
    const reserved: Reserved = isPosted ? { calls: booked.calls.slice(1), amount } : noneReserved
    return { ready, reserved, stop }
  })

const afterLookUp = (work: Work, lane: Lane, recipient: Recipient, found: Found) =>
  Effect.gen(function*() {
    const { settings, tuning } = work
    const { person } = recipient
    const { invitationId, position } = person
    const ours = found.invitations.find((invitation) => isOurs(recipient, invitation, found, tuning))
    if (ours !== undefined) return created(recipient, ours)
    // The invitation that a follow-up replaces.
    const own = found.invitations.find(({ id }) => id === invitationId)
    if (own?.status === "accepted") return { position, decision: "accepted" } as const
    const known = found.invitations.map(({ id }) => id)
    const pending = found.invitations.filter(({ isPending }) => isPending)
    const others = Request.refusesDuplicates(recipient) ? pending.filter((invitation) => invitation !== own) : []
    const [first] = others
    if (first !== undefined && settings.onExisting !== "resend") {
      return { position, state: "AlreadyInvited", invitationId: first.id } as const
    }
    // An address that has accepted an invitation most likely belongs to a user, and would be refused with its batch.
    const isLikelyUser = Request.refusesDuplicates(recipient) &&
      found.invitations.some(({ status }) => status === "accepted")
    if (isLikelyUser && lane.operation === "createBulk" && settings.useSingleCreates) {
      return { position, state: "pending", batch: 1, keepDoubt: person.firstPostedAt !== null } as const
    }
    const replaced = own?.isPending === true ? [own, ...others] : others
    return (yield* revokeAll(work, person, replaced)) ?? { recipient, known }
  })

/**
 * Revokes the pending invitations of an address. Returns what follows from a failure.
 */
const revokeAll = (work: Work, person: PersonRow, pending: ReadonlyArray<Invitation>) =>
  Effect.gen(function*() {
    const { attempts, quotas } = work
    for (const { id } of pending) {
      const booked = yield* book(work, [[quotas.all, 1]])
      if (booked._tag === "Full") return Stops.wait(booked.until)
      const result = yield* Effect.either(attempts.revoke(id))
      yield* settle(work, "pending", [], booked.calls)
      if (Either.isLeft(result)) {
        const step = afterRevokeFailure(person, id, result.left)
        if (step !== undefined) return step
      }
    }
    return undefined
  })

const afterRevokeFailure = (
  { invitationId, position }: PersonRow,
  id: InvitationId,
  error: RevokeError
): Settlement | FollowUp | Stop | undefined => {
  if (id === invitationId && isAlreadyAccepted(error)) return { position, decision: "accepted" }
  // The next look-up shows whether the revoke happened.
  if (error instanceof AmbiguousWrite) return Stops.failure(error)
  if (error._tag === "NotFound" || isAlreadyRevoked(error) || isAlreadyAccepted(error)) return undefined
  return stopAfter(error) ?? { position, state: "Rejected", problem: Problem.toJson(error) }
}
