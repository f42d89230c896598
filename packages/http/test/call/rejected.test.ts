import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { runStubWithClock } from "../utils/clock.js"
import * as stub from "../utils/stub.js"
import { reactAlways } from "../utils/stubbedCalls.js"
import { call, errors, operations, tagFor } from "../utils/wire.js"

const rejections = [
  [400, "duplicate_record", "BadRequest"],
  [401, "clerk_key_invalid", "Unauthorized"],
  [403, "quota_exceeded", "Forbidden"],
  [404, "resource_not_found", "NotFound"],
  [409, "conflict", "Conflict"],
  [422, "form_identifier_exists", "Unprocessable"]
] as const

describe("a rejected request", () => {
  for (const operation of operations) {
    for (const [status, code, tag] of rejections) {
      const expected = tagFor(operation, tag)
      it.effect(`${operation} fails at once with ${expected}, after one attempt: ${status} ${code}`, () =>
        Effect.gen(function*() {
          const { invitations, seen } = yield* stub.service(reactAlways(operation, { status, body: errors(code) }))
          const error = yield* runStubWithClock(Effect.flip(call(invitations, operation)))
          assert.deepInclude<object>(error, { _tag: expected, operation, status })
          assert.lengthOf(seen, 1)
          assert.strictEqual(yield* Clock.currentTimeMillis, 0)
        }))
    }
  }
})
