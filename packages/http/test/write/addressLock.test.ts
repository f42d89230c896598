import { isDuplicate } from "@effect-clerk/core/InvitationError"
import { Fault } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Either } from "effect"
import * as clerk from "../utils/clerk.js"
import { runStubWithClock, runWithClock } from "../utils/clock.js"
import * as stub from "../utils/stub.js"
import { emailAddress } from "../utils/stubbedCalls.js"

describe("the lock of an address", () => {
  it.effect("runs creates of different addresses at the same time, and cannot deadlock creates that share addresses", () =>
    Effect.gen(function*() {
      let inFlight = 0
      let mostInFlight = 0
      const { invitations } = yield* stub.service(({ body }) =>
        Effect.gen(function*() {
          mostInFlight = Math.max(mostInFlight, ++inFlight)
          yield* Effect.sleep("1 second")
          inFlight--
          return stub.properly({ operation: "createBulk", body })
        })
      )
      const createBulk = (...names: ReadonlyArray<string>) =>
        invitations.createBulk(names.map((name) => ({ emailAddress: `${name}@example.com` })))
      yield* runStubWithClock(
        Effect.all([
          createBulk("a", "b"),
          createBulk("b", "a"),
          createBulk("c"),
          createBulk("C"),
          createBulk("d", "c")
        ], { concurrency: "unbounded" })
      )
      assert.strictEqual(mostInFlight, 2)
      assert.strictEqual(yield* Clock.currentTimeMillis, 3000)
    }))

  for (const ignoreExisting of [true, false]) {
    it.scoped(`lets one of two concurrent creates return the invitation if one is lost (ignoreExisting: ${ignoreExisting})`, () =>
      Effect.gen(function*() {
        const { control, invitations } = yield* clerk.make()
        yield* control.failNext(Fault.Response.Reset(), { operation: "create" })
        const results = yield* runWithClock(
          Effect.all(
            [emailAddress, emailAddress.toUpperCase()].map((address) =>
              Effect.either(invitations.create({ emailAddress: address, ignoreExisting }))
            ),
            { concurrency: "unbounded" }
          )
        )
        const stored = yield* control.invitations
        const returned = results.filter(Either.isRight).map(({ right }) => right.id)
        const failed = results.filter(Either.isLeft).map(({ left }) => left)
        assert.deepStrictEqual(returned, stored.map((invitation) => invitation.id))
        assert.lengthOf(returned, 1)
        assert.strictEqual(failed[0]?._tag, ignoreExisting ? "AmbiguousWrite" : "BadRequest")
        if (!ignoreExisting) assert.isTrue(isDuplicate(failed[0]))
      }))
  }
})
