import { InvitationsService } from "@effect-clerk/core"
import { InvitationsMemory } from "@effect-clerk/http"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { assert, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { inviteTeam } from "../src/recipes/unitTesting.js"

it.effect("a member whose invitation has expired is invited again", () =>
  Effect.gen(function*() {
    const invitations = yield* InvitationsService
    const control = yield* InvitationsControl
    yield* control.addUser("grace@example.com")
    const invite = inviteTeam("engines", ["ada@example.com", "grace@example.com"])

    assert.deepStrictEqual(yield* invite, [
      { emailAddress: "ada@example.com", status: "pending" },
      { emailAddress: "grace@example.com", status: "member" }
    ])
    yield* TestClock.adjust("6 days")
    yield* invite
    assert.strictEqual((yield* control.outbox).length, 1)

    yield* TestClock.adjust("1 day")
    yield* invite
    const statuses = (yield* invitations.findByEmail("ada@example.com")).map(({ status }) => status)
    assert.deepStrictEqual(statuses, ["pending", "expired"])
    assert.strictEqual((yield* control.outbox).length, 2)
  }).pipe(Effect.provide(InvitationsMemory.layer())))
