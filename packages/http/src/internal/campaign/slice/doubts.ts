import { AmbiguousWrite } from "@effect-clerk/core/InvitationError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Problem from "../model/problem.js"
import type { Recipient } from "../model/request.js"
import * as Request from "../model/request.js"
import type { Settlement } from "../store/store.js"
import { book } from "./book.js"
import * as LookUp from "./lookUp.js"
import type { Found } from "./ours.js"
import { isOurs } from "./ours.js"
import { closeQuota, settle } from "./settle.js"
import type { Stop } from "./stop.js"
import * as Stops from "./stop.js"
import { stopAfter } from "./stopAfter.js"
import { created } from "./verdict.js"
import type { Work } from "./work.js"

const chunk = 10

// How often a person is posted whose posts are not found. With the pauses between the posts, that spans two hours by default,
// and an outage of the server.
const maxPosts = 8

// The longest time for which a post is looked up, in milliseconds.
const longestSearch = 60 * 60_000

// The shortest and the longest time between two look-ups, in milliseconds. A long search has longer pauses.
const minDelay = 1000
const maxDelay = 15_000
const delaysPerSearch = 8

const unknownProblem = Problem.toJson({
  _tag: AmbiguousWrite.name,
  message: "the outcome of the create is unknown, and no invitation of it was found"
})

/**
 * Decides about a person whose post has no known outcome, from a list of the invitations for the address.
 */
export const decide = (
  recipient: Recipient,
  found: Found,
  { settings, tuning }: Pick<Work, "settings" | "tuning">
): Settlement => {
  const { person } = recipient
  const { invitationId, position, postedAt, posts } = person
  const ours = found.invitations.find((invitation) => isOurs(recipient, invitation, found, tuning))
  if (ours !== undefined) return created(recipient, ours)
  const refusesDuplicates = Request.refusesDuplicates(recipient)
  // The invitation that a follow-up replaces was revoked, but may still be listed.
  const other = found.invitations.find(({ id, isPending }) => isPending && id !== invitationId)
  if (other !== undefined && refusesDuplicates && (settings.onExisting !== "resend" || posts >= maxPosts)) {
    return { position, state: "AlreadyInvited", invitationId: other.id }
  }
  const elapsed = found.before - (postedAt ?? 0)
  // Each post is looked up for twice as long as the one before.
  const timeout = refusesDuplicates
    ? Math.max(tuning.reconcileTimeout, Math.min(longestSearch, tuning.reconcileTimeout * 2 ** (posts - 1)))
    : tuning.reconcileTimeout
  if (elapsed < timeout) {
    const longest = Math.max(maxDelay, timeout / delaysPerSearch)
    return {
      position,
      state: "sending",
      checkAt: found.after + Math.ceil(Math.min(longest, Math.max(minDelay, elapsed), timeout - elapsed))
    }
  }
  return refusesDuplicates && posts < maxPosts
    ? { position, state: "pending", batch: person.batch, keepDoubt: true }
    : { position, state: "Unknown", problem: unknownProblem }
}

/**
 * Looks up the invitations of the people whose posts have no known outcome and are due.
 */
export const resolve = (work: Work) =>
  Effect.gen(function*() {
    const { load, quotas, store, tuning } = work
    while (true) {
      const now = yield* store.now
      if (now >= work.until) return Stops.timeIsUp
      const rows = yield* store.doubtful(load, { now, limit: LookUp.chunkSize(work, chunk) })
      if (rows.length === 0) return Stops.empty
      const recipients = yield* Effect.forEach(rows, Request.decode)
      const booked = yield* book(work, [[quotas.all, LookUp.callsFor(recipients)]])
      if (booked._tag === "Full") return Stops.wait(booked.until)
      const lookedUp = yield* LookUp.lookUp(work, recipients, booked.now)
      let stop: Stop | undefined
      const settlements = lookedUp.map(({ found, recipient }): Settlement => {
        if (Either.isRight(found)) return decide(recipient, found.right, work)
        const { position, postedAt } = recipient.person
        const next = stopAfter(found.left)
        stop = next ?? stop
        // A look-up that Clerk refuses for good would be refused again.
        return next === undefined && booked.now - (postedAt ?? 0) >= tuning.reconcileTimeout
          ? { position, state: "Unknown", problem: Problem.toJson(found.left) }
          : { position, state: "sending", checkAt: booked.now + maxDelay }
      })
      yield* settle(work, "sending", settlements, booked.calls)
      yield* closeQuota(work, quotas.all, stop)
      if (stop !== undefined) return stop
    }
  })
