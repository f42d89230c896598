import { isDuplicate } from "@effect-clerk/core/InvitationError"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, TestClock } from "effect"
import { advanceUntilDone, eventLoopTurns, interruptAtOnce, networkIdle, stubTurns, waitUntil } from "../utils/clock.js"
import { overRaw } from "../utils/overRaw.js"
import * as raw from "../utils/rawServer.js"
import * as stub from "../utils/stub.js"
import { emailAddress, requestsOf } from "../utils/stubbedCalls.js"
import { errors, page, row } from "../utils/wire.js"

describe("interruption of a create", () => {
  it.effect("ends the create at once during reconciliation, and no further request is sent", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(({ operation }) =>
        operation === "list" ? { body: page([]) } : { code: "ECONNRESET" }
      )
      const fiber = yield* Effect.fork(invitations.create({ emailAddress, ignoreExisting: true }))
      yield* eventLoopTurns(4 * stubTurns)
      assert.lengthOf(requestsOf(seen, "create"), 1)
      const before = seen.length
      assert.isAbove(before, 3)
      yield* interruptAtOnce(fiber)
      yield* TestClock.adjust("1 minute")
      assert.lengthOf(seen, before)
    }))

  it.scoped("ends a create that waits for the lock of its address, and the other waiters still get the lock", () =>
    Effect.gen(function*() {
      const signal = raw.makeSignal()
      const { invitations, server } = yield* overRaw([
        [raw.Step.Wait({ until: signal.promise }), ...raw.reply({ body: row(1) })],
        raw.reply({ status: 400, body: errors("duplicate_record") })
      ])
      const holder = yield* Effect.fork(invitations.create({ emailAddress }))
      yield* waitUntil("the request arrives", () => server.requests.length === 1)
      const waiter = yield* Effect.fork(invitations.create({ emailAddress }))
      const lastWaiter = yield* Effect.fork(Effect.flip(invitations.create({ emailAddress })))
      const bulkWaiter = yield* Effect.fork(
        Effect.flip(invitations.createBulk([{ emailAddress }, { emailAddress: "x@y.co" }]))
      )
      yield* networkIdle
      assert.lengthOf(server.requests, 1)
      yield* interruptAtOnce(waiter)
      yield* interruptAtOnce(bulkWaiter)
      signal.open()
      yield* advanceUntilDone(lastWaiter)
      assert.strictEqual<string>((yield* Fiber.join(holder)).id, "inv_1")
      assert.isTrue(isDuplicate(yield* Fiber.join(lastWaiter)))
      assert.lengthOf(server.requests, 2)
    }))

  it.effect("releases the lock of the address", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service((_, index) => index === 0 ? "stall" : { body: row(1) })
      const holder = yield* Effect.fork(invitations.create({ emailAddress }))
      yield* eventLoopTurns(stubTurns)
      const waiter = yield* Effect.fork(invitations.create({ emailAddress }))
      yield* eventLoopTurns(stubTurns)
      assert.lengthOf(seen, 1)
      yield* interruptAtOnce(holder)
      assert.strictEqual<string>((yield* Fiber.join(waiter)).id, "inv_1")
    }))
})
