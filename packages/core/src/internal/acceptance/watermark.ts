import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import type { Invitation, InvitationId } from "../../Invitation.js"

/**
 * How far the changes were emitted, by Clerk's clock.
 */
export interface Watermark {
  /** The time of the last emitted change, in Unix milliseconds. */
  readonly time: number
  /** The invitations that were emitted with a change at `time`, with their status. */
  readonly seen: HashMap.HashMap<InvitationId, string>
}

/**
 * When an invitation was last changed, in Unix milliseconds. Clerk leaves `updatedAt` as it is when an invitation expires.
 */
export const changedAt = ({ expiresAt, status, updatedAt }: Invitation): number =>
  status === "expired" && Option.isSome(expiresAt)
    ? Math.max(updatedAt.epochMillis, expiresAt.value.epochMillis)
    : updatedAt.epochMillis

/**
 * Whether the last change of an invitation was not emitted yet. The status tells two changes within a millisecond apart.
 */
export const isNew = ({ seen, time }: Watermark, invitation: Invitation): boolean => {
  const at = changedAt(invitation)
  return at > time || (at === time && !Option.contains(HashMap.get(seen, invitation.id), invitation.status))
}

/**
 * The watermark after a change was emitted. Changes are emitted from the oldest to the newest.
 */
export const advance = ({ seen, time }: Watermark, invitation: Invitation): Watermark => {
  const at = changedAt(invitation)
  return { time: at, seen: HashMap.set(at === time ? seen : HashMap.empty(), invitation.id, invitation.status) }
}
