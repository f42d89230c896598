import { InvitationsService } from "@effect-clerk/core"
import { invitationOf, InvitationsControl, lastEmailTo } from "@effect-clerk/http/InvitationsControl"
import { HttpServer } from "@effect/platform"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { clickAcceptLink, completeSignUp } from "../src/recipes/acceptLink.js"
import { Emulated } from "./utils.js"

// The service over HTTP to an emulator, and the control of the emulator. All tests of the block share them.
layer(Emulated)("the accept link of an e-mail", (it) => {
  it.effect("leads a new person to the page of the invitation, and its ticket completes the sign-up", () =>
    Effect.gen(function*() {
      const invitations = yield* InvitationsService
      yield* invitations.create({
        emailAddress: "ada@example.com",
        publicMetadata: { team: "engines" },
        redirectUrl: "https://app.example.com/welcome"
      })
      const { url } = yield* lastEmailTo("ada@example.com")
      const { page, status, ticket } = yield* clickAcceptLink(url)
      assert.deepStrictEqual([page, status], ["https://app.example.com/welcome", "sign_up"])
      assert.strictEqual((yield* invitationOf("ada@example.com")).status, "pending")

      const emulatorUrl = yield* HttpServer.addressFormattedWith(Effect.succeed)
      assert.strictEqual(yield* completeSignUp(emulatorUrl, ticket), 200)
      assert.strictEqual((yield* invitationOf("ada@example.com")).status, "accepted")
      const [user] = yield* Effect.flatMap(InvitationsControl, ({ users }) => users)
      assert.deepInclude(user, { emailAddress: "ada@example.com", publicMetadata: { team: "engines" } })
      // A ticket can be used once.
      assert.strictEqual(yield* completeSignUp(emulatorUrl, ticket), 409)
    }))

  it.effect("lets a person who has an account sign in", () =>
    Effect.gen(function*() {
      const invitations = yield* InvitationsService
      const control = yield* InvitationsControl
      yield* control.addUser("grace@example.com")
      yield* invitations.create({
        emailAddress: "grace@example.com",
        redirectUrl: "https://app.example.com/welcome",
        ignoreExisting: true
      })
      const { url } = yield* lastEmailTo("grace@example.com")
      assert.strictEqual((yield* clickAcceptLink(url)).status, "sign_in")
    }))

  it.effect("leads nowhere once the invitation is revoked", () =>
    Effect.gen(function*() {
      const invitations = yield* InvitationsService
      const { id } = yield* invitations.create({ emailAddress: "mary@example.com" })
      const { url } = yield* lastEmailTo("mary@example.com")
      yield* invitations.revoke(id)
      assert.strictEqual((yield* Effect.flip(clickAcceptLink(url)))._tag, "ParseError")
    }))
})
