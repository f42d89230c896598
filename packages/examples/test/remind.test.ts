import { Fault, InvitationsMemory } from "@effect-clerk/http"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { assert, it } from "@effect/vitest"
import { DateTime, Effect, Fiber, Stream, TestClock } from "effect"
import { remind } from "../src/recipes/remind.js"

it.effect("replaces the old invitations, finishes after a failure, and leaves new ones and users alone", () =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    yield* TestClock.adjust("30 days")
    const now = yield* DateTime.now
    const seeded = ["ada", "eve", "grace"].map((name, index) => ({
      emailAddress: `${name}@example.com`,
      publicMetadata: { team: name },
      createdAt: DateTime.subtract(now, { days: 8 - index })
    }))
    yield* control.seed([...seeded, {
      emailAddress: "new@example.com",
      createdAt: DateTime.subtract(now, { days: 1 })
    }])
    // eve signs up by herself, and the first two creates fail.
    yield* control.addUser("eve@example.com")
    yield* control.injectFaults([{
      operation: "create",
      response: Fault.Response.Status({ status: 429 }),
      commit: "never",
      times: 2
    }])

    const reminded = yield* Effect.fork(Stream.runCollect(remind("5 days")))
    yield* TestClock.adjust("1 minute")
    const resent = yield* Fiber.join(reminded)
    assert.deepStrictEqual(
      Array.from(resent, ({ emailAddress, publicMetadata }) => [emailAddress, publicMetadata]),
      [["ada@example.com", { team: "ada" }], ["grace@example.com", { team: "grace" }]]
    )
    const pending = (yield* control.invitations).filter(({ isPending }) => isPending)
    assert.sameMembers(pending.map(({ emailAddress }) => emailAddress), [
      "ada@example.com",
      "grace@example.com",
      "new@example.com"
    ])
    assert.strictEqual((yield* control.outbox).length, 2)
  }).pipe(Effect.provide(InvitationsMemory.layer())))
