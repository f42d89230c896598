import { Fault } from "@effect-clerk/http"
import { assert } from "@effect/vitest"
import { assertNone, deepStrictEqual } from "@effect/vitest/utils"
import { Effect, Option, TestClock } from "effect"
import { makeRequests } from "../../conformance/fixtures.js"
import type { Test } from "./fixture.js"
import { address, oneEach } from "./fixture.js"

const id = "campaign"

const { Status } = Fault.Response

const sum = (calls: Readonly<Record<string, number>>): number =>
  Object.values(calls).reduce((sum, count) => sum + count, 0)

export const refusals = (test: Test): void => {
  for (const code of ["quota_exceeded", "invitations_not_supported", "authorization_invalid"] as const) {
    test(`an instance that refuses with ${code} fails the campaign, which resume continues`, (fixture) =>
      Effect.gen(function*() {
        const { calls, campaigns, complete, control, counts, emails, start } = fixture
        yield* control.setInstanceRefusal(code)
        yield* start(30)
        const failed = yield* complete()
        assert.strictEqual(failed.state, "failed")
        assert.isTrue(Option.isSome(failed.problem))
        assert.isTrue(Option.isSome(failed.endedAt))
        deepStrictEqual(yield* counts(), { pending: 30 })
        const before = sum(yield* calls)
        yield* TestClock.adjust("1 hour")
        yield* campaigns.runDue
        assert.strictEqual(sum(yield* calls), before)
        yield* control.setInstanceRefusal("off")
        const resumed = yield* campaigns.resume(id)
        assertNone(resumed.endedAt)
        const { problem, state } = yield* complete()
        assert.strictEqual(state, "completed")
        assertNone(problem)
        deepStrictEqual(yield* emails, oneEach(30))
      }))
  }

  for (const useSingleCreates of [true, false]) {
    test(`a refusal of what all share fails the campaign after few calls, ${useSingleCreates ? "with" : "without"} singles`, (fixture) =>
      Effect.gen(function*() {
        const { calls, complete, control, counts, start } = fixture
        yield* control.injectFaults((["create", "createBulk"] as const).map((operation) => ({
          response: Status({ status: 422, code: "form_param_value_invalid" }),
          commit: "never",
          operation,
          times: 1000
        })))
        const people = makeRequests(300).map((person) => ({ ...person, redirectUrl: "https://example.com/welcome" }))
        yield* start(people, { useSingleCreates })
        const { problem, state } = yield* complete()
        assert.strictEqual(state, "failed")
        assert.strictEqual(Option.getOrThrow(problem).tag, "Unprocessable")
        const { create = 0, createBulk = 0 } = yield* calls
        assert.isAtMost(create + createBulk, 35)
        const { Rejected = 0, pending = 0 } = yield* counts()
        assert.strictEqual(Rejected + pending, 300)
        assert.isAtMost(Rejected, 20)
      }))
  }

  test("refusals that concern single people do not fail the campaign", ({ complete, control, counts, emails, start }) =>
    Effect.gen(function*() {
      for (const n of [3, 14, 15, 16, 40]) yield* control.addUser(address(n))
      yield* start(60)
      assert.strictEqual((yield* complete()).state, "completed")
      deepStrictEqual(yield* counts(), { Created: 55, UserExists: 5 })
      assert.strictEqual(Object.keys(yield* emails).length, 55)
    }))

  test(
    "a refused batch does not keep the bulk calls from the rest of the hour",
    ({ campaigns, control, start }) =>
      Effect.gen(function*() {
        for (const n of [1, 120]) yield* control.addUser(address(n))
        yield* start(400)
        for (let slices = 0; slices < 40; slices++) {
          yield* campaigns.runDue
          yield* TestClock.adjust("1 minute")
        }
        // 350 invitations an hour, less two batches that were refused.
        assert.isAtLeast((yield* campaigns.get(id)).done, 320)
      }),
    { server: {} }
  )
}
