import { maxBulkSize } from "@effect-clerk/core/CreateInvitation"
import * as Order from "effect/Order"
import type { NewPerson, PersonRow, PersonState } from "../model/row.js"
import * as SortedArray from "./sortedArray.js"
import type { Candidates, FollowUp, PeopleQuery, Post, Settlement } from "./store.js"

/**
 * The people of one load. The pending people, the people in the state `sending`, those to be followed up and the counts are indexed,
 * so that a slice does not depend on the number of people.
 */
export interface MemoryPeople {
  readonly add: (people: ReadonlyArray<NewPerson>, now: number) => void
  readonly get: (position: number) => PersonRow | undefined
  /** The person with an address that is not `Repeated`. */
  readonly find: (folded: string) => PersonRow | undefined
  readonly page: (query: PeopleQuery) => ReadonlyArray<PersonRow>
  readonly counts: () => ReadonlyMap<PersonState | "accepted", number>
  readonly candidates: (kind: Candidates, limit: number, except: ReadonlySet<number>) => ReadonlyArray<PersonRow>
  readonly doubtful: (now: number, limit: number) => ReadonlyArray<PersonRow>
  /** When the next person is to be looked up. `null` if no person is in the state `sending`. */
  readonly nextCheck: () => number | null
  readonly dueFollowUps: (now: number, limit: number) => ReadonlyArray<PersonRow>
  /** When the next person is to be followed up. `null` if no person is. */
  readonly nextFollowUp: () => number | null
  readonly post: (post: Post, now: number, checkAt: number) => void
  readonly settle: (
    from: PersonState,
    settlement: Settlement,
    times: { readonly now: number; readonly followUpAfter?: number | undefined }
  ) => void
  readonly followUp: (followUp: FollowUp) => void
  readonly retry: (outcomes: ReadonlyArray<PersonState>) => void
  /** Removes at most `limit` people. Returns whether all are removed. */
  readonly remove: (limit: number) => boolean
}

interface Check {
  readonly at: number
  readonly position: number
}

const byTime: Order.Order<Check> = Order.combine(
  Order.mapInput(Order.number, ({ at }: Check) => at),
  Order.mapInput(Order.number, ({ position }: Check) => position)
)

const withoutRequest: ReadonlySet<PersonState> = new Set(["Created", "AlreadyInvited", "UserExists", "Repeated"])

/** The row of a person after a settlement. */
const settled = (
  person: PersonRow,
  settlement: Settlement,
  { followUpAfter, now }: { readonly now: number; readonly followUpAfter?: number | undefined }
): PersonRow => {
  const { batch, checkAt, invitationId, keepDoubt, problem, state } = settlement
  switch (state) {
    case "pending":
      return {
        ...person,
        state,
        batch: batch ?? person.batch,
        posts: keepDoubt === true ? person.posts : 0,
        firstPostedAt: keepDoubt === true ? person.firstPostedAt : null,
        checkAt: null
      }
    case "sending":
      return { ...person, state, checkAt: checkAt ?? person.checkAt }
    default: {
      const isFollowedUp = state === "Created" && followUpAfter !== undefined
      return {
        ...person,
        state,
        request: withoutRequest.has(state) && !isFollowedUp ? null : person.request,
        followUpAt: isFollowedUp ? now + followUpAfter : null,
        firstPostedAt: state === "Unknown" ? person.firstPostedAt : null,
        checkAt: null,
        invitationId: invitationId ?? null,
        problem: problem ?? null,
        decidedAt: now
      }
    }
  }
}

/** The row of a person that is followed up. The same row if the person is left alone. */
const followedUp = (person: PersonRow, { decision }: FollowUp): PersonRow => {
  const { invitationId, state } = person
  const isDue = state === "Created" && person.followUpAt !== null
  switch (decision) {
    case "accepted":
      return isDue || (state === "pending" && invitationId !== null)
        ? { ...person, state: "Created", request: null, followUpAt: null, isAccepted: true, firstPostedAt: null }
        : person
    case "closed":
      return isDue ? { ...person, request: null, followUpAt: null } : person
    case "again":
      return isDue
        ? {
          ...person,
          state: "pending",
          batch: maxBulkSize,
          posts: 0,
          followUps: person.followUps + 1,
          followUpAt: null
        }
        : person
  }
}

export const make = (): MemoryPeople => {
  const people = new Map<number, PersonRow>()
  const positions = new Map<string, number>()
  const counts = new Map<PersonState | "accepted", number>()
  // The positions of the pending people, by batch.
  const pending = Array.from({ length: maxBulkSize + 1 }, () => SortedArray.make(Order.number))
  const checks = SortedArray.make(byTime)
  const followUps = SortedArray.make(byTime)
  let last = -1

  const count = (key: PersonState | "accepted", change: number): void => {
    counts.set(key, (counts.get(key) ?? 0) + change)
  }

  const schedule = (times: SortedArray.SortedArray<Check>, check: Check, change: 1 | -1): void => {
    if (change === 1) times.add(check)
    else times.remove(check)
  }

  const firstOf = (times: SortedArray.SortedArray<Check>, now: number, limit: number): ReadonlyArray<PersonRow> => {
    const found: Array<PersonRow> = []
    for (const { at, position } of times.values) {
      if (at > now || found.length >= limit) break
      const person = people.get(position)
      if (person !== undefined) found.push(person)
    }
    return found
  }

  const index = (person: PersonRow, change: 1 | -1): void => {
    const { batch, checkAt, followUpAt, isAccepted, position, state } = person
    count(state, change)
    if (isAccepted) count("accepted", change)
    if (followUpAt !== null) schedule(followUps, { at: followUpAt, position }, change)
    if (state === "pending") {
      if (change === 1) pending[batch]?.add(position)
      else pending[batch]?.remove(position)
    } else if (state === "sending" && checkAt !== null) {
      schedule(checks, { at: checkAt, position }, change)
    }
  }

  const put = (person: PersonRow): void => {
    const old = people.get(person.position)
    if (old !== undefined) index(old, -1)
    people.set(person.position, person)
    index(person, 1)
  }

  const add = ({ emailAddress, folded, position, request }: NewPerson, now: number): void => {
    const repeated = positions.has(folded)
    if (!repeated) positions.set(folded, position)
    last = Math.max(last, position)
    put({
      position,
      emailAddress,
      request: repeated ? null : request,
      state: repeated ? "Repeated" : "pending",
      batch: maxBulkSize,
      posts: 0,
      firstPostedAt: null,
      postedAt: null,
      checkAt: null,
      known: [],
      invitationId: null,
      problem: null,
      decidedAt: repeated ? now : null,
      followUps: 0,
      followUpAt: null,
      isAccepted: false
    })
  }

  return {
    add: (rows, now) => {
      for (const row of rows) add(row, now)
    },
    get: (position) => people.get(position),
    find: (folded) => {
      const position = positions.get(folded)
      return position === undefined ? undefined : people.get(position)
    },
    page: ({ after, limit, states }) => {
      const page: Array<PersonRow> = []
      for (let position = after + 1; position <= last && page.length < limit; position++) {
        const person = people.get(position)
        if (person !== undefined && (states === undefined || states.includes(person.state))) page.push(person)
      }
      return page
    },
    counts: () => counts,
    candidates: (kind, limit, except) => {
      const found: Array<PersonRow> = []
      for (const set of kind === "fresh" ? pending.slice(maxBulkSize) : pending.slice(0, maxBulkSize)) {
        for (const position of set.values) {
          if (found.length >= limit) return found
          const person = people.get(position)
          if (person !== undefined && !except.has(position)) found.push(person)
        }
      }
      return found
    },
    doubtful: (now, limit) => firstOf(checks, now, limit),
    nextCheck: () => checks.values[0]?.at ?? null,
    dueFollowUps: (now, limit) => firstOf(followUps, now, limit),
    nextFollowUp: () => followUps.values[0]?.at ?? null,
    post: ({ known, position }, now, checkAt) => {
      const person = people.get(position)
      if (person === undefined) return
      put({
        ...person,
        state: "sending",
        posts: person.posts + 1,
        firstPostedAt: person.firstPostedAt ?? now,
        postedAt: now,
        checkAt,
        known: person.firstPostedAt === null ? known : person.known
      })
    },
    settle: (from, settlement, times) => {
      const person = people.get(settlement.position)
      if (person?.state === from) put(settled(person, settlement, times))
    },
    followUp: (followUp) => {
      const person = people.get(followUp.position)
      if (person !== undefined) put(followedUp(person, followUp))
    },
    retry: (outcomes) => {
      for (const person of people.values()) {
        if (!outcomes.includes(person.state)) continue
        put({ ...person, state: "pending", batch: maxBulkSize, posts: 0, problem: null, decidedAt: null })
      }
    },
    remove: (limit) => {
      let removed = 0
      for (const person of people.values()) {
        if (removed >= limit) return false
        people.delete(person.position)
        index(person, -1)
        removed += 1
      }
      positions.clear()
      return true
    }
  }
}
