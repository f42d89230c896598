import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { runStubWithClock } from "../utils/clock.js"
import { lost, scripted } from "../utils/scriptedList.js"
import * as stub from "../utils/stub.js"
import { ambiguousWrite, emailAddress } from "../utils/stubbedCalls.js"

describe("a create", () => {
  it.effect("is not repeated after an unknown outcome if one request of a batch has ignoreExisting", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(scripted({ posts: [lost], rows: () => [] }))
      const requests = [{ emailAddress }, { emailAddress: "person2@example.com", ignoreExisting: true }]
      ambiguousWrite(yield* runStubWithClock(Effect.flip(invitations.createBulk(requests))))
      assert.lengthOf(seen.filter(({ operation }) => operation === "createBulk"), 1)
      // The invitations of both addresses are listed before it is sent.
      assert.deepStrictEqual(seen.slice(0, 5).map(({ operation }) => operation), [
        "list",
        "list",
        "list",
        "list",
        "createBulk"
      ])
    }))

  it.effect("fails with Timeout, not AmbiguousWrite, if it reaches its deadline before it has the lock of its address", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(() => "stall", { retry: "none", timeout: { total: "5 seconds" } })
      const create = Effect.flip(invitations.create({ emailAddress }))
      const errors = yield* runStubWithClock(Effect.all([create, create], { concurrency: 2 }))
      assert.deepStrictEqual(errors.map(({ _tag }) => _tag).sort(), ["AmbiguousWrite", "Timeout"])
    }))
})
