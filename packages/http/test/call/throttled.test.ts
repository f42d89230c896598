import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { runStubWithClock } from "../utils/clock.js"
import * as stub from "../utils/stub.js"
import { delaysBetween, emailAddress, reactAlways, reactFirst, requestsOf } from "../utils/stubbedCalls.js"
import { call, errors, operations, tagFor } from "../utils/wire.js"

const responses = [
  ["429", { status: 429, body: errors("too_many_requests") }, "TooManyRequests"],
  ["409 resource_locked", { status: 409, body: errors("resource_locked") }, "Conflict"]
] as const

describe("a throttled request", () => {
  for (const operation of operations) {
    for (const [description, response, tag] of responses) {
      const expected = tagFor(operation, tag)
      it.effect(`${operation} fails with ${expected} after three attempts: every response is ${description}`, () =>
        Effect.gen(function*() {
          const { invitations, seen } = yield* stub.service(reactAlways(operation, response))
          const error = yield* runStubWithClock(Effect.flip(call(invitations, operation)))
          assert.deepInclude<object>(error, { _tag: expected, operation })
          assert.deepStrictEqual(seen.map((request) => request.operation), [operation, operation, operation])
        }))

      it.effect(`${operation} waits, then succeeds: the first response is ${description}`, () =>
        Effect.gen(function*() {
          const { invitations, seen } = yield* stub.service(reactFirst(1, operation, response))
          yield* runStubWithClock(call(invitations, operation))
          assert.lengthOf(seen, 2)
          for (const delay of delaysBetween(seen)) assert.isAtLeast(delay, 200)
        }))
    }
  }

  it.effect("create with ignoreExisting is retried after a 429, which proves that nothing was created", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(
        reactFirst(1, "create", { status: 429, body: errors("too_many_requests") })
      )
      yield* runStubWithClock(invitations.create({ emailAddress, ignoreExisting: true }))
      assert.lengthOf(requestsOf(seen, "create"), 2)
    }))
})
