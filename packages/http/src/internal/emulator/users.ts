import * as EmailAddress from "@effect-clerk/core/EmailAddress"
import type { Metadata } from "@effect-clerk/core/Metadata"
import * as DateTime from "effect/DateTime"
import type { InvitationsControl } from "../../InvitationsControl.js"

/**
 * The users of an instance, each with one address.
 */
export interface Users {
  readonly has: (emailAddress: string) => boolean
  /** Adds a user. Does nothing if the address belongs to one. */
  readonly add: (emailAddress: string, publicMetadata: Metadata, now: number) => void
  /** Adds a user of a snapshot. */
  readonly restore: (user: InvitationsControl.User) => void
  /** Oldest first. */
  readonly all: () => ReadonlyArray<InvitationsControl.User>
  readonly clear: () => void
}

/**
 * Makes an empty list of users. An id that a restored user has already is skipped.
 */
export const make = (nextId: () => string): Users => {
  const byAddress = new Map<string, InvitationsControl.User>()
  const ids = new Set<string>()

  const restore = (user: InvitationsControl.User): void => {
    byAddress.set(EmailAddress.fold(user.emailAddress), user)
    ids.add(user.id)
  }

  const newId = (): string => {
    let id = nextId()
    while (ids.has(id)) id = nextId()
    return id
  }

  return {
    has: (emailAddress) => byAddress.has(EmailAddress.fold(emailAddress)),
    add: (emailAddress, publicMetadata, now) => {
      if (byAddress.has(EmailAddress.fold(emailAddress))) return
      restore({
        id: newId(),
        emailAddress: EmailAddress.fold(emailAddress),
        publicMetadata,
        createdAt: DateTime.unsafeMake(now)
      })
    },
    restore,
    all: () => Array.from(byAddress.values()),
    clear: () => {
      byAddress.clear()
      ids.clear()
    }
  }
}
