import { InvalidTicket, InvitationNotPending } from "@effect-clerk/http/InvitationsControl"
import { Effect } from "effect"
import * as assert from "./assert.js"
import { ada, failure, urlOf } from "./fixtures.js"
import * as Suite from "./suite.js"

export const acceptLink = Suite.make((test) => {
  test("accepts the invitation of the link in an e-mail, of its ticket and of an id", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* invitations.create({ emailAddress: ada, publicMetadata: { role: "admin" } })
      const second = yield* invitations.create({ emailAddress: "bob@example.com" })
      const third = yield* invitations.create({ emailAddress: "cyd@example.com" })
      const [email] = yield* control.outbox
      assert.strictEqual((yield* control.acceptLink(email?.url ?? "")).status, "accepted")
      const ticket = urlOf(second).split("ticket=")[1] ?? ""
      assert.strictEqual((yield* control.acceptLink(ticket)).id, second.id)
      assert.strictEqual((yield* control.acceptLink(third.id)).id, third.id)
      assert.deepStrictEqual(
        (yield* control.users).map(({ emailAddress, publicMetadata }) => [emailAddress, publicMetadata]),
        [[ada, { role: "admin" }], ["bob@example.com", {}], ["cyd@example.com", {}]]
      )
    }))

  test("fails with the status of an invitation that is not pending", ({ control, invitations }) =>
    Effect.gen(function*() {
      const link = urlOf(yield* invitations.create({ emailAddress: ada }))
      yield* control.acceptLink(link)
      assert.strictEqual((yield* failure(control.acceptLink(link), InvitationNotPending)).reason, "accepted")
      const { id, url } = yield* invitations.create({ emailAddress: "bob@example.com" })
      yield* invitations.revoke(id)
      const revoked = url._tag === "Some" ? url.value : ""
      assert.strictEqual((yield* failure(control.acceptLink(revoked), InvitationNotPending)).reason, "revoked")
      yield* invitations.delete(id)
      assert.strictEqual((yield* failure(control.acceptLink(revoked), InvitationNotPending)).reason, "missing")
      assert.strictEqual((yield* control.users).length, 1)
    }))

  test("rejects a ticket that the instance did not sign", ({ control, invitations }) =>
    Effect.gen(function*() {
      const link = urlOf(yield* invitations.create({ emailAddress: ada }))
      for (
        const forged of [`${link}x`, link.slice(0, -1), link.replace("ticket=", "ticket=x"), "", "https://example.com"]
      ) {
        yield* failure(control.acceptLink(forged), InvalidTicket)
      }
      assert.deepStrictEqual(yield* control.users, [])
    }))

  test("a link works after the snapshot of its instance is restored", ({ control, invitations }) =>
    Effect.gen(function*() {
      const link = urlOf(yield* invitations.create({ emailAddress: ada }))
      const snapshot = yield* control.snapshot
      yield* control.reset
      assert.strictEqual((yield* failure(control.acceptLink(link), InvitationNotPending)).reason, "missing")
      yield* control.restore(snapshot)
      assert.strictEqual((yield* control.acceptLink(link)).status, "accepted")
    }))
})
