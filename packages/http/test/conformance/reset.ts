import { AmbiguousWrite, ConnectionError } from "@effect-clerk/core/InvitationError"
import { Fault } from "@effect-clerk/http"
import type { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { Duration, Effect, Fiber, Stream, TestClock } from "effect"
import * as assert from "./assert.js"
import { ada, addresses, failure, withoutRetry } from "./fixtures.js"
import * as Suite from "./suite.js"

/** Waits until a call has arrived. */
const arrival = (control: InvitationsControl.Service) =>
  control.changes.pipe(
    Stream.filterEffect(() => Effect.map(control.calls, (calls) => calls.length > 0)),
    Stream.runHead
  )

const operations = {
  reset: (control: InvitationsControl.Service) => Effect.succeed(control.reset),
  restore: (control: InvitationsControl.Service) => Effect.map(control.snapshot, control.restore)
}

export const reset = Suite.make((test) => {
  for (const name of ["reset", "restore"] as const) {
    test(`${name} cancels a commit that is still to come`, ({ control, invitations }) =>
      Effect.gen(function*() {
        const start = yield* operations[name](control)
        yield* control.failNext(Fault.Response.Status({ status: 500 }), { commit: Duration.seconds(10) })
        yield* failure(withoutRetry(invitations.create({ emailAddress: ada })), AmbiguousWrite)
        yield* start
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual([yield* control.invitations, yield* control.outbox], [[], []])
      }))

    for (const at of ["headers", "body"] as const) {
      test(`${name} closes the connection of a call whose response stalls in its ${at}`, ({ control, invitations }) =>
        Effect.gen(function*() {
          const start = yield* operations[name](control)
          yield* control.failNext(Fault.Response.Stall({ at }))
          const call = yield* Effect.fork(withoutRetry(invitations.list()))
          yield* arrival(control)
          yield* start
          const error = yield* failure(Fiber.join(call), ConnectionError)
          assert.strictEqual(error.reason, "Lost")
        }))
    }

    test(`${name} cancels a call that the fault policy holds back`, ({ control, invitations }) =>
      Effect.gen(function*() {
        const start = yield* operations[name](control)
        const held: Array<string> = []
        yield* control.setFaultPolicy((operation) => {
          held.push(operation)
          return Effect.never
        })
        const call = yield* Effect.fork(withoutRetry(invitations.list()))
        while (held.length === 0) yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve)))
        yield* start
        const error = yield* failure(Fiber.join(call), ConnectionError)
        assert.strictEqual(error.reason, "Lost")
      }))
  }

  test("a call after reset is not affected by one before it", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.failNext(Fault.Response.Reset(), { commit: Duration.seconds(1) })
      yield* Effect.ignore(withoutRetry(invitations.list()))
      yield* control.reset
      yield* control.failNext(Fault.Response.Status({ status: 500 }), { commit: Duration.seconds(1) })
      yield* failure(withoutRetry(invitations.create({ emailAddress: ada })), AmbiguousWrite)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(addresses(yield* control.invitations), [ada])
    }))
})
