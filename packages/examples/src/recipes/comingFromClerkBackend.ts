// test/comingFromClerkBackend.test.ts runs both versions against the emulator and compares them.
import type { ClerkClient } from "@clerk/backend"
import { isClerkAPIResponseError } from "@clerk/backend/errors"
import { InvitationsService } from "@effect-clerk/core"
import { isAlreadyRevoked, isDuplicate } from "@effect-clerk/core/InvitationError"
import { Effect, Option, Stream } from "effect"

/** With `@clerk/backend`. */
export const before = {
  invite: (clerk: ClerkClient) =>
    clerk.invitations.createInvitation({
      emailAddress: "ada@example.com",
      publicMetadata: { team: "engines" },
      expiresInDays: 7
    }),

  inviteSome: (clerk: ClerkClient) =>
    clerk.invitations.createInvitationBulk([
      { emailAddress: "grace@example.com", notify: false },
      { emailAddress: "edith@example.com", redirectUrl: "https://example.com/welcome" }
    ]),

  inviteUnlessInvited: async (clerk: ClerkClient) => {
    try {
      const { id } = await clerk.invitations.createInvitation({ emailAddress: "ada@example.com" })
      return id
    } catch (error) {
      if (isClerkAPIResponseError(error) && error.errors.some(({ code }) => code === "duplicate_record")) {
        return "invited already"
      }
      throw error
    }
  },

  page: (clerk: ClerkClient) =>
    clerk.invitations.getInvitationList({ status: "pending", orderBy: "email_address", limit: 2 }),

  // Rows that are added or removed while this loop runs are skipped or repeated.
  all: async (clerk: ClerkClient) => {
    const rows: Array<string> = []
    for (let offset = 0;; offset += 500) {
      const { data } = await clerk.invitations.getInvitationList({ orderBy: "email_address", limit: 500, offset })
      rows.push(...data.map(({ emailAddress }) => emailAddress))
      if (data.length < 500) return rows
    }
  },

  find: async (clerk: ClerkClient, id: string) => {
    for (const status of [undefined, "revoked"] as const) {
      const { data } = await clerk.invitations.getInvitationList({ query: id, ...(status && { status }), limit: 500 })
      const found = data.find((invitation) => invitation.id === id)
      if (found !== undefined) return found.emailAddress
    }
    return null
  },

  revoke: async (clerk: ClerkClient, id: string) => {
    try {
      const { status } = await clerk.invitations.revokeInvitation(id)
      return status
    } catch (error) {
      if (isClerkAPIResponseError(error) && error.errors.some(({ code }) => code === "invitation_already_revoked")) {
        return "revoked before"
      }
      throw error
    }
  },

  remove: (clerk: ClerkClient, id: string) => clerk.invitations.deleteInvitation(id)
}

/** With effect-clerk. */
export const after = {
  invite: Effect.flatMap(InvitationsService, (invitations) =>
    invitations.create({
      emailAddress: "ada@example.com",
      publicMetadata: { team: "engines" },
      expiresInDays: 7
    })),

  inviteSome: Effect.flatMap(InvitationsService, (invitations) =>
    invitations.createBulk([
      { emailAddress: "grace@example.com", notify: false },
      { emailAddress: "edith@example.com", redirectUrl: "https://example.com/welcome" }
    ])),

  inviteUnlessInvited: Effect.flatMap(
    InvitationsService,
    (invitations) => invitations.create({ emailAddress: "ada@example.com" })
  ).pipe(
    Effect.map(({ id }) => id),
    Effect.catchIf(isDuplicate, () => Effect.succeed("invited already"))
  ),

  page: Effect.flatMap(
    InvitationsService,
    (invitations) => invitations.list({ status: "pending", orderBy: "email_address", limit: 2 })
  ),

  // In bounded memory; a row that matches throughout is emitted exactly once.
  all: Effect.flatMap(InvitationsService, (invitations) =>
    invitations.stream({ orderBy: "email_address" }).pipe(
      Stream.map(({ emailAddress }) => emailAddress),
      Stream.runCollect
    )),

  find: (id: string) =>
    Effect.flatMap(InvitationsService, (invitations) => invitations.findById(id)).pipe(
      Effect.map(Option.match({ onNone: () => null, onSome: ({ emailAddress }) => emailAddress }))
    ),

  revoke: (id: string) =>
    Effect.flatMap(InvitationsService, (invitations) => invitations.revoke(id)).pipe(
      Effect.map(({ status }) => status),
      Effect.catchIf(isAlreadyRevoked, () => Effect.succeed("revoked before"))
    ),

  remove: (id: string) => Effect.flatMap(InvitationsService, (invitations) => invitations.delete(id))
}
