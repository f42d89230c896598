import * as Arr from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Order from "effect/Order"
import type { Invitation, InvitationId } from "../../Invitation.js"

/**
 * A change that was emitted.
 */
export interface Seen {
  readonly id: InvitationId
  readonly status: string
  readonly changedAt: DateTime.Utc
}

/**
 * Which changes were emitted, by Clerk's clock.
 */
export interface Watermark {
  /** Changes before this time are not emitted any more. In Unix milliseconds. */
  readonly time: number
  /** The emitted changes at or after `time`, the oldest first. */
  readonly seen: ReadonlyArray<Seen>
}

/**
 * How long after a later change a change may become visible without being missed, in milliseconds. A list may be stale, and the
 * clocks of Clerk's servers may differ.
 */
export const lag = 10_000

/**
 * When an invitation was last changed, in Unix milliseconds. Clerk leaves `updatedAt` as it is when an invitation expires.
 */
export const changedAt = ({ expiresAt, status, updatedAt }: Invitation): number =>
  status === "expired" && Option.isSome(expiresAt)
    ? Math.max(updatedAt.epochMillis, expiresAt.value.epochMillis)
    : updatedAt.epochMillis

const oldestFirst = Order.mapInput(Order.number, (seen: Seen) => seen.changedAt.epochMillis)

export const make = (time: number, seen: ReadonlyArray<Seen>): Watermark => ({
  time,
  seen: Arr.sort(seen, oldestFirst)
})

/**
 * The time of the newest change before the watermark, as far as the watermark tells.
 */
export const newest = ({ seen, time }: Watermark): number => Math.max(time, seen.at(-1)?.changedAt.epochMillis ?? time)

/**
 * Tells whether the last change of an invitation was not emitted yet. A stale list may show an invitation as pending again
 * after its end was emitted: that is no change.
 */
export const isNewAfter = ({ seen, time }: Watermark): (invitation: Invitation) => boolean => {
  const seenOf = new Map<InvitationId, ReadonlyArray<Seen>>()
  for (const change of seen) seenOf.set(change.id, [...seenOf.get(change.id) ?? [], change])
  return (invitation) => {
    const { id, status } = invitation
    const at = changedAt(invitation)
    return at >= time &&
      !seenOf.get(id)?.some((seen) => seen.status === status ? seen.changedAt.epochMillis >= at : status === "pending")
  }
}

/** The emitted changes at or after a time, out of those that are sorted. */
const from = (seen: ReadonlyArray<Seen>, time: number, end = seen.length): ReadonlyArray<Seen> => {
  let low = 0
  let high = end
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((seen[middle]?.changedAt.epochMillis ?? time) < time) low = middle + 1
    else high = middle
  }
  return seen.slice(low, end)
}

const isAfter = ([first]: ReadonlyArray<Seen>, before: ReadonlyArray<Seen>): boolean => {
  const last = before.at(-1)
  return first === undefined || last === undefined || first.changedAt.epochMillis >= last.changedAt.epochMillis
}

/**
 * The watermarks after each of these changes, which are emitted from the oldest to the newest. A watermark lists the changes
 * before it, so it is made when it is needed.
 *
 * A watermark stays the lag behind its change, and behind `serverTime`, the newest `updatedAt` of all rows: a row that has
 * expired by the clock does not prove that the list shows the other changes before `expiresAt`.
 */
export const advance = (
  before: Watermark,
  changes: ReadonlyArray<Invitation>,
  serverTime: number
): (index: number) => Watermark => {
  const emitted = changes.map((invitation): Seen => ({
    id: invitation.id,
    status: invitation.status,
    changedAt: DateTime.unsafeMake(changedAt(invitation))
  }))
  return (index) => {
    const at = emitted[index]?.changedAt.epochMillis ?? before.time
    const time = Math.max(before.time, Math.min(at, serverTime) - lag)
    const earlier = from(before.seen, time)
    const later = from(emitted, time, index + 1)
    const seen = earlier.concat(later)
    return isAfter(later, earlier) ? { time, seen } : make(time, seen)
  }
}
