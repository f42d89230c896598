import { maxBulkSize } from "@effect-clerk/core/CreateInvitation"
import type { Invitation } from "@effect-clerk/core/Invitation"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Request from "../model/request.js"
import type { PersonRow } from "../model/row.js"
import type { Settings } from "../model/settings.js"
import type { FollowUp } from "../store/store.js"
import { book } from "./book.js"
import * as LookUp from "./lookUp.js"
import { closeQuota, storeFollowUps } from "./settle.js"
import type { Stop } from "./stop.js"
import * as Stops from "./stop.js"
import { stopAfter } from "./stopAfter.js"
import type { Work } from "./work.js"

const chunk = 10

/**
 * Decides about a person whose follow-up is due, from the invitations for the address. An invitation that is not listed was
 * revoked or deleted by somebody, who does not want the person to be invited.
 */
const decide = (
  { followUps, invitationId, position }: PersonRow,
  invitations: ReadonlyArray<Invitation>,
  { times }: NonNullable<Settings["followUp"]>
): FollowUp => {
  const own = invitations.find(({ id }) => id === invitationId)
  if (own?.status === "accepted") return { position, decision: "accepted" }
  const isOpen = own?.status === "pending" || own?.status === "expired"
  return { position, decision: isOpen && followUps < times ? "again" : "closed" }
}

/**
 * Looks up whether the people whose follow-ups are due have accepted. Those that are invited again become pending, at most as
 * many as the rate limits admit now: the others stay `Created` until it is their turn.
 */
export const resolve = (work: Work) =>
  Effect.gen(function*() {
    const { load, quotas, settings, store } = work
    const { followUp } = settings
    if (followUp === undefined) return Stops.empty
    while (true) {
      const now = yield* store.now
      if (now >= work.until) return Stops.timeIsUp
      const create = yield* store.room(quotas.create)
      const createBulk = yield* store.room(quotas.createBulk)
      const { pending } = yield* store.remaining(load)
      const room = (settings.useSingleCreates ? create.free : 0) + maxBulkSize * createBulk.free - pending
      if (room <= 0) {
        return Stops.wait(settings.useSingleCreates ? Math.min(create.until, createBulk.until) : createBulk.until)
      }
      const rows = yield* store.dueFollowUps(load, { now, limit: LookUp.chunkSize(work, Math.min(chunk, room)) })
      if (rows.length === 0) return Stops.empty
      const recipients = yield* Effect.forEach(rows, Request.decode)
      const booked = yield* book(work, [[quotas.all, LookUp.callsFor(recipients)]])
      if (booked._tag === "Full") return Stops.wait(booked.until)
      const lookedUp = yield* LookUp.lookUp(work, recipients, booked.now)
      let stop: Stop | undefined
      const decided = lookedUp.flatMap(({ found, recipient }): ReadonlyArray<FollowUp> => {
        const { person } = recipient
        if (Either.isRight(found)) return [decide(person, found.right.invitations, followUp)]
        const next = stopAfter(found.left)
        stop = next ?? stop
        // A look-up that Clerk refuses for good would be refused again.
        return next === undefined ? [{ position: person.position, decision: "closed" }] : []
      })
      yield* storeFollowUps(work, decided, booked.calls)
      yield* closeQuota(work, quotas.all, stop)
      if (stop !== undefined) return stop
    }
  })
