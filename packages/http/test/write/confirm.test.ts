import { isAlreadyAccepted, isAlreadyRevoked } from "@effect-clerk/core/InvitationError"
import { Fault } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option } from "effect"
import * as clerk from "../utils/clerk.js"
import { advanceUntilDone, networkIdle, runWithClock } from "../utils/clock.js"
import { ambiguousWrite, emailAddress } from "../utils/stubbedCalls.js"

/** The emulator with one pending invitation, and a client for it. */
const makeWithTarget = (status: "pending" | "revoked" = "pending") =>
  Effect.gen(function*() {
    const server = yield* clerk.make()
    const [target] = yield* server.control.seed([{ emailAddress, status }])
    if (target === undefined) return yield* Effect.dieMessage("the store is empty")
    return { ...server, target }
  })

describe("confirming a revoke or a delete", () => {
  it.scoped("revoke fails with BadRequest, without a look-up, if the first response is \"already revoked\"", () =>
    Effect.gen(function*() {
      const { attempts, invitations, target } = yield* makeWithTarget("revoked")
      const error = yield* runWithClock(Effect.flip(invitations.revoke(target.id)))
      assert.isTrue(isAlreadyRevoked(error))
      assert.lengthOf(attempts, 1)
    }))

  it.scoped("revoke reads the invitation back, until the list is current, if a retry is \"already revoked\"", () =>
    Effect.gen(function*() {
      const { control, invitations, target } = yield* makeWithTarget()
      yield* control.freezeReads("2 seconds")
      yield* control.failNext(Fault.Response.Reset(), { operation: "revoke", commit: "before" })
      const revoked = yield* runWithClock(invitations.revoke(target.id))
      assert.deepInclude(revoked, { id: target.id, status: "revoked", revoked: true })
    }))

  it.scoped("revoke fails with AmbiguousWrite if a retry is \"already revoked\" and every look-up fails", () =>
    Effect.gen(function*() {
      const { control, invitations, target } = yield* makeWithTarget()
      yield* control.failNext(Fault.Response.Reset(), { operation: "revoke", commit: "before" })
      yield* control.injectFaults([{
        operation: "list",
        response: Fault.Response.Status({ status: 503 }),
        commit: "never",
        times: 99
      }])
      const error = ambiguousWrite(yield* runWithClock(Effect.flip(invitations.revoke(target.id))))
      assert.strictEqual(Option.getOrUndefined(error.id), target.id)
    }))

  it.scoped("revoke fails with the typed error if a retry is \"already accepted\", which proves that it was not committed", () =>
    Effect.gen(function*() {
      const { control, invitations, target } = yield* makeWithTarget()
      yield* control.failNext(Fault.Response.Reset(), { operation: "revoke" })
      const fiber = yield* Effect.fork(Effect.flip(invitations.revoke(target.id)))
      yield* networkIdle
      yield* control.accept(target.id)
      yield* advanceUntilDone(fiber)
      assert.isTrue(isAlreadyAccepted(yield* Fiber.join(fiber)))
    }))

  it.scoped("delete fails with NotFound if the first response is a 404", () =>
    Effect.gen(function*() {
      const { attempts, invitations } = yield* clerk.make()
      const error = yield* runWithClock(Effect.flip(invitations.delete("inv_none")))
      assert.deepInclude<object>(error, { _tag: "NotFound", operation: "delete" })
      assert.lengthOf(attempts, 1)
    }))
})
