import { type ClerkClient, createClerkClient } from "@clerk/backend"
import type { Invitation } from "@effect-clerk/core/Invitation"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { HttpServer } from "@effect/platform"
import { assert, it } from "@effect/vitest"
import { Array as Arr, DateTime, Effect, Option, Redacted } from "effect"
import { after, before } from "../src/recipes/comingFromClerkBackend.js"
import { Emulated } from "./utils.js"

type ClerkInvitation = Awaited<ReturnType<ClerkClient["invitations"]["createInvitation"]>>

/** The fields of an invitation that both clients return. Ids, links and times differ between emulators. */
const ofClerk = ({ emailAddress, id, publicMetadata, revoked, status, url }: ClerkInvitation) => ({
  emailAddress,
  publicMetadata: publicMetadata ?? {},
  status,
  revoked: revoked ?? false,
  hasId: id.startsWith("inv_"),
  hasLink: url?.startsWith("http") === true
})

const ofEffect = ({ emailAddress, id, publicMetadata, revoked, status, url }: Invitation) => ({
  emailAddress,
  publicMetadata,
  status,
  revoked: revoked ?? false,
  hasId: id.startsWith("inv_"),
  hasLink: Option.exists(url, (link) => Redacted.value(link).startsWith("http"))
})

/** The state of the emulator afterwards. */
const world = Effect.gen(function*() {
  const control = yield* InvitationsControl
  return {
    invitations: Arr.map(yield* control.invitations, (invitation) => ({
      ...ofEffect(invitation),
      days: Option.map(
        invitation.expiresAt,
        (expiresAt) => Math.round(DateTime.distance(invitation.createdAt, expiresAt) / 86_400_000)
      )
    })),
    emails: (yield* control.outbox).map(({ to }) => to)
  }
})

const withClerk = Effect.gen(function*() {
  const apiUrl = yield* HttpServer.addressFormattedWith(Effect.succeed)
  const clerk = createClerkClient({ secretKey: "sk_test_any", apiUrl, telemetry: { disabled: true } })
  const call = <A>(run: (clerk: ClerkClient) => Promise<A>) => Effect.promise(() => run(clerk))

  const ada = yield* call(before.invite)
  const { data, totalCount } = yield* Effect.zipRight(call(before.inviteSome), call(before.page))
  return {
    invite: ofClerk(ada),
    inviteUnlessInvited: yield* call(before.inviteUnlessInvited),
    page: { data: data.map(ofClerk), totalCount },
    all: yield* call(before.all),
    find: yield* call((_) => before.find(_, ada.id)),
    revoke: yield* call((_) => before.revoke(_, ada.id)),
    revokeAgain: yield* call((_) => before.revoke(_, ada.id)),
    findRevoked: yield* call((_) => before.find(_, ada.id)),
    remove: (yield* call((_) => before.remove(_, ada.id))).deleted,
    findRemoved: yield* call((_) => before.find(_, ada.id)),
    world: yield* world
  }
}).pipe(Effect.provide(Emulated))

const withEffect = Effect.gen(function*() {
  const ada = yield* after.invite
  const { data, totalCount } = yield* Effect.zipRight(after.inviteSome, after.page)
  return {
    invite: ofEffect(ada),
    inviteUnlessInvited: yield* after.inviteUnlessInvited,
    page: { data: data.map(ofEffect), totalCount },
    all: Arr.fromIterable(yield* after.all),
    find: yield* after.find(ada.id),
    revoke: yield* after.revoke(ada.id),
    revokeAgain: yield* after.revoke(ada.id),
    findRevoked: yield* after.find(ada.id),
    remove: (yield* after.remove(ada.id)).id === ada.id,
    findRemoved: yield* after.find(ada.id),
    world: yield* world
  }
}).pipe(Effect.provide(Emulated))

it.live("each call of effect-clerk has the same result and effect as its counterpart of @clerk/backend", () =>
  Effect.gen(function*() {
    const then = yield* withClerk
    assert.deepInclude(then, {
      inviteUnlessInvited: "invited already",
      all: ["ada@example.com", "edith@example.com", "grace@example.com"],
      find: "ada@example.com",
      revoke: "revoked",
      revokeAgain: "revoked before",
      findRevoked: "ada@example.com",
      remove: true,
      findRemoved: null
    })
    assert.deepStrictEqual<unknown>(yield* withEffect, then)
  }))

it("names every method of the vendor's client", () => {
  const { invitations } = createClerkClient({ secretKey: "sk_test_any", telemetry: { disabled: true } })
  const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(invitations)).filter((name) =>
    name !== "constructor"
  )
  const used = Object.values(before).map(String).join("\n")
  for (const method of methods) assert.include(used, `.${method}(`)
})
