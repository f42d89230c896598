/**
 * The people of a chaos run. Who they are to the emulator follows from their position.
 */
import type { CreateInvitation } from "@effect-clerk/core"

/**
 * - `new`: gets an invitation.
 * - `user`: belongs to a user, so the create is refused, and its batch with it.
 * - `invited`: has a pending invitation of another client.
 * - `blocked`: is refused by the block list.
 * - `repeated`: has the address of the person before.
 */
export type Kind = "new" | "user" | "invited" | "blocked" | "repeated"

export const kindOf = (position: number): Kind => {
  switch (position % 50) {
    case 11:
      return "user"
    case 23:
      return "invited"
    case 37:
      return "blocked"
    case 41:
      return "repeated"
    default:
      return "new"
  }
}

export const addressOf = (position: number): string =>
  kindOf(position) === "repeated" ? addressOf(position - 1).toUpperCase() : `person-${position}@example.com`

export const requestOf = (position: number, ignoreExisting: boolean): CreateInvitation.CreateInvitation.Input => ({
  emailAddress: addressOf(position),
  publicMetadata: { campaign: "spring" },
  ...(ignoreExisting ? { ignoreExisting } : {})
})

/** The positions of a kind. */
export const positionsOf = (people: number, kind: Kind): ReadonlyArray<number> =>
  Array.from({ length: people }, (_, position) => position).filter((position) => kindOf(position) === kind)
