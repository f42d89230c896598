import type { InvitationsService } from "@effect-clerk/core"
import { InvitationsHttp } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Schedule } from "effect"
import { runStubWithClock } from "../utils/clock.js"
import * as stub from "../utils/stub.js"
import { requestsOf } from "../utils/stubbedCalls.js"
import { page } from "../utils/wire.js"

const unavailable = () => ({ status: 503 })

/** Calls `list` once, and returns the number of its requests. */
const countRequests = (invitations: InvitationsService.Service, seen: Array<stub.Seen>) =>
  Effect.zipRight(runStubWithClock(Effect.either(invitations.list())), Effect.sync(() => seen.splice(0).length))

describe("retry budget", () => {
  it.effect("a call fails after one attempt if the budget is used up, and successes refill the budget", () =>
    Effect.gen(function*() {
      let available = false
      const { invitations, seen } = yield* stub.service(
        () => available ? { body: page([]) } : { status: 503 },
        { retryBudget: 12 }
      )
      assert.strictEqual(yield* countRequests(invitations, seen), 3)
      const before = yield* Clock.currentTimeMillis
      assert.strictEqual(yield* countRequests(invitations, seen), 1)
      assert.strictEqual(yield* Clock.currentTimeMillis, before)
      available = true
      yield* Effect.repeatN(runStubWithClock(invitations.list()), 2)
      available = false
      seen.length = 0
      assert.strictEqual(yield* countRequests(invitations, seen), 2)
      assert.strictEqual(yield* countRequests(invitations, seen), 1)
    }))

  it.effect("a call whose deadline is too early for a retry does not use up the budget", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(unavailable, {
        retryBudget: 5,
        retry: Schedule.spaced("1 second")
      })
      yield* runStubWithClock(Effect.flip(invitations.list())).pipe(InvitationsHttp.withTimeout({ total: "1 second" }))
      assert.strictEqual(yield* Clock.currentTimeMillis, 0)
      assert.lengthOf(seen.splice(0), 1)
      assert.strictEqual(yield* countRequests(invitations, seen), 2)
    }))

  it.effect("one hundred calls during an outage send 110 requests", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(unavailable, { retryBudget: 50 })
      yield* runStubWithClock(Effect.all(Array.from({ length: 100 }, () => Effect.either(invitations.list())), {
        concurrency: "unbounded"
      }))
      assert.lengthOf(seen, 110)
    }))

  it.effect("reconciliation during an outage sends a bounded number of requests", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(unavailable, { retryBudget: 0 })
      yield* runStubWithClock(Effect.all(
        Array.from(
          { length: 20 },
          (_, n) => Effect.either(invitations.create({ emailAddress: `person${n}@example.com` }))
        ),
        { concurrency: "unbounded" }
      ))
      assert.lengthOf(requestsOf(seen, "create"), 20)
      // Each create reads two lists, at most five times.
      assert.isAtMost(seen.length, 20 + 2 * 5 * 20)
    }))

  it.effect("\"unlimited\" is never used up", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(unavailable, { retryBudget: "unlimited" })
      for (let i = 0; i < 5; i++) assert.strictEqual(yield* countRequests(invitations, seen), 3)
    }))
})
