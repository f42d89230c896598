import type { InvitationsService } from "@effect-clerk/core"
import { TooManyRequests } from "@effect-clerk/core/InvitationError"
import { InvitationsHttp } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, Option, TestClock } from "effect"
import { advanceUntilDone, eventLoopTurns, runStubWithClock, stubTurns } from "../utils/clock.js"
import * as stub from "../utils/stub.js"
import { reactFirst, requestsOf, throttled } from "../utils/stubbedCalls.js"
import { call, writes } from "../utils/wire.js"

/** Starts a `list` whose first response is a 429, which begins the cooldown. */
const startThrottled = (invitations: InvitationsService.Service) =>
  Effect.zipLeft(Effect.fork(Effect.either(invitations.list())), eventLoopTurns(stubTurns))

describe("cooldown", () => {
  it.effect("after a 429, calls of the same operation wait, and calls of other operations do not", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(reactFirst(1, "list", throttled("5")))
      const throttledCall = yield* startThrottled(invitations)
      const waiting = yield* Effect.fork(invitations.list())
      yield* runStubWithClock(Effect.yieldNow())
      yield* eventLoopTurns(stubTurns)
      assert.lengthOf(seen, 1)
      for (const operation of writes) yield* Effect.fork(call(invitations, operation))
      yield* eventLoopTurns(2 * stubTurns)
      assert.sameMembers(
        seen.slice(1).map(({ at, operation }) => `${operation} at ${at}`),
        writes.map((operation) => `${operation} at 0`)
      )
      yield* advanceUntilDone(waiting, stubTurns)
      yield* advanceUntilDone(throttledCall, stubTurns)
      const lists = requestsOf(seen, "list").slice(1)
      assert.lengthOf(lists, 2)
      for (const { at } of lists) assert.isAtLeast(at, 5000)
    }))

  it.effect("calls that waited are sent at intervals", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(reactFirst(1, "list", throttled("5")))
      const throttledCall = yield* startThrottled(invitations)
      yield* runStubWithClock(
        Effect.all(Array.from({ length: 10 }, () => invitations.list()), { concurrency: "unbounded" })
      )
      yield* advanceUntilDone(throttledCall, stubTurns)
      const arrivals = seen.slice(1).map(({ at }) => at).sort((a, b) => a - b)
      assert.lengthOf(arrivals, 11)
      for (const at of arrivals) {
        assert.isAtLeast(at, 5000)
        assert.isBelow(at, 6000)
      }
      for (let i = 0; i + 2 < arrivals.length; i++) {
        assert.isAtLeast((arrivals[i + 2] ?? 0) - (arrivals[i] ?? 0), 50)
      }
    }))

  for (const total of ["10 seconds", "15 seconds"] as const) {
    it.effect(`a call whose deadline is no later than the cooldown fails at once, with the rest of the cooldown: ${total}`, () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* stub.service(() => throttled("20"))
        const throttledCall = yield* startThrottled(invitations)
        yield* TestClock.adjust("5 seconds")
        const error = yield* runStubWithClock(
          Effect.flip(invitations.list()).pipe(InvitationsHttp.withTimeout({ total }))
        )
        assert.instanceOf(error, TooManyRequests)
        assert.strictEqual(error.operation, "list")
        assert.deepStrictEqual(Option.getOrUndefined(error.retryAfter), Duration.seconds(15))
        assert.strictEqual(yield* Clock.currentTimeMillis, 5000)
        assert.lengthOf(seen, 1)
        yield* Fiber.interrupt(throttledCall)
      }))
  }

  it.effect("a call waits for a cooldown that lasts as long as maxRetryAfter", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(reactFirst(1, "list", throttled("30")))
      const throttledCall = yield* startThrottled(invitations)
      yield* runStubWithClock(invitations.list())
      assert.isAtLeast(seen[1]?.at ?? 0, 30_000)
      yield* Fiber.interrupt(throttledCall)
    }))

  for (const [first, second, end] of [["5", "20", 22_000], ["20", "5", 21_000]] as const) {
    it.effect(`ends at the latest time that the server asked for: ${first} seconds, then ${second} seconds`, () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* stub.service(
          (_, index) =>
            Effect.succeed(throttled(index === 0 ? first : second)).pipe(Effect.delay(Duration.seconds(index + 1))),
          { retry: "none" }
        )
        const list = Effect.flip(invitations.list())
        yield* runStubWithClock(Effect.all([list, list], { concurrency: 2 }))
        assert.strictEqual(yield* Clock.currentTimeMillis, 2000)
        const error = yield* list
        assert.instanceOf(error, TooManyRequests)
        assert.deepStrictEqual(Option.getOrUndefined(error.retryAfter), Duration.millis(end - 2000))
        assert.lengthOf(seen, 2)
      }))
  }

  it.effect("a cooldown lasts one hour at most", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(reactFirst(1, "list", throttled("999999999")))
      yield* runStubWithClock(Effect.flip(invitations.list()))
      yield* runStubWithClock(Effect.flip(invitations.list()))
      assert.lengthOf(seen, 1)
      yield* TestClock.adjust("61 minutes")
      yield* runStubWithClock(invitations.list())
      assert.lengthOf(seen, 2)
    }))

  it.effect("an interrupted call gives its position to the calls behind it", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(reactFirst(1, "list", throttled("5")))
      const throttledCall = yield* startThrottled(invitations)
      const ahead = yield* Effect.forEach(Array.from({ length: 30 }), () => Effect.fork(invitations.list()))
      yield* eventLoopTurns(stubTurns)
      yield* Fiber.interruptAll(ahead)
      yield* runStubWithClock(invitations.list())
      yield* advanceUntilDone(throttledCall, stubTurns)
      assert.isAtLeast(seen.length, 2)
      assert.isBelow(Math.min(...seen.slice(1).map(({ at }) => at)), 5100)
    }))
})
