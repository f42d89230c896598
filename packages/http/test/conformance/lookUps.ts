import { callsOf, emailsTo, invitationOf, InvitationsControl, lastEmailTo } from "@effect-clerk/http/InvitationsControl"
import { Effect } from "effect"
import * as assert from "./assert.js"
import { ada } from "./fixtures.js"
import * as Suite from "./suite.js"

export const lookUps = Suite.make((test) => {
  test("emailsTo and lastEmailTo find the e-mails to an address in any letter case", ({ control, invitations }) =>
    Effect.gen(function*() {
      const first = yield* invitations.create({ emailAddress: "Ada@example.com" })
      yield* invitations.create({ emailAddress: "bob@example.com" })
      const second = yield* invitations.create({ emailAddress: ada, ignoreExisting: true })
      const emails = yield* emailsTo("ADA@example.com")
      assert.deepStrictEqual(emails.map(({ invitationId }) => invitationId), [first.id, second.id])
      assert.strictEqual((yield* lastEmailTo(ada)).invitationId, second.id)
      assert.deepStrictEqual(yield* emailsTo("a@example.com"), [])
    }).pipe(Effect.provideService(InvitationsControl, control)))

  test("invitationOf finds the newest invitation of an address, of any status", ({ control }) =>
    Effect.gen(function*() {
      yield* control.seed([{ emailAddress: ada }])
      const [newest] = yield* control.seed([{ emailAddress: "Ada@example.com", status: "revoked" }])
      yield* control.seed([{ emailAddress: "bob@example.com" }])
      assert.strictEqual((yield* invitationOf(ada)).id, newest?.id)
    }).pipe(Effect.provideService(InvitationsControl, control)))

  test("lastEmailTo and invitationOf fail without naming the address", ({ control }) =>
    Effect.gen(function*() {
      const missing = [Effect.flip(lastEmailTo(ada)), Effect.flip(invitationOf(ada))] as const
      const errors = yield* Effect.all(missing)
      assert.deepStrictEqual(errors.map(({ _tag, message }) => [_tag, message]), [
        ["NoSuchElementException", "No e-mail was sent to the address"],
        ["NoSuchElementException", "No invitation has the address"]
      ])
    }).pipe(Effect.provideService(InvitationsControl, control)))

  test("callsOf finds the calls of an operation, failed ones included", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* invitations.create({ emailAddress: ada })
      yield* invitations.list()
      yield* Effect.flip(invitations.create({ emailAddress: ada }))
      assert.deepStrictEqual((yield* callsOf("create")).map(({ outcome }) => outcome), ["ok", "duplicate_record"])
      assert.deepStrictEqual(yield* callsOf("delete"), [])
    }).pipe(Effect.provideService(InvitationsControl, control)))
})
