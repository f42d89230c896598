import { InvitationsHttp } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Either, Fiber, TestClock } from "effect"
import { runStubWithClock } from "../utils/clock.js"
import { busiest, invite, limits, perHour, second, timesOf } from "../utils/limits.js"
import { duplicate, lost } from "../utils/scriptedList.js"
import * as stub from "../utils/stub.js"
import { page, row } from "../utils/wire.js"
import { endOf, inMemory, tooManyRequests } from "./utils.js"

const onePermit = { maxConcurrentAttempts: 1 } as const

/** A stub whose first response waits for `first`. */
const firstWaits = (first: Effect.Effect<unknown>) => {
  let requests = 0
  return (request: stub.Seen) => Effect.as(Effect.when(first, () => requests++ === 0), stub.properly(request))
}

describe("a call that is admitted and then waits for a permit", () => {
  it.effect("does not exceed the window when it is sent", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(firstWaits(Effect.sleep("36 seconds")), {
        ...onePermit,
        timeout: { attempt: "40 seconds", total: "300 seconds" },
        rateLimit: { limits: limits({ all: { limit: 2, window: Duration.seconds(10) } }) }
      })
      yield* runStubWithClock(
        Effect.forEach(Array.from({ length: 8 }), () => invitations.list(), { concurrency: "unbounded" })
      )
      const times = timesOf(seen, "list")
      assert.lengthOf(times, 8)
      assert.strictEqual(times[1], 36 * second)
      assert.isAtMost(busiest(times, 10 * second), 2)
    }))

  it.effect("does not exceed the window when it is sent as a look-up", () =>
    Effect.gen(function*() {
      let creates = 0
      const { invitations, seen } = yield* stub.service(({ operation }) => {
        if (operation === "list") return Effect.delay(Effect.succeed({ body: page([]) }), "5 seconds")
        return Effect.succeed({ status: creates++ < 4 ? 503 : 400 })
      }, {
        ...onePermit,
        retry: { attempts: 1 },
        timeout: { attempt: "10 seconds", total: "600 seconds" },
        rateLimit: { limits: limits({ all: { limit: 3, window: Duration.seconds(10) } }) }
      })
      yield* runStubWithClock(
        Effect.forEach([1, 2, 3, 4], (n) => Effect.flip(invitations.create(invite(n))), { concurrency: "unbounded" })
      )
      assert.isAtLeast(timesOf(seen, "list").length, 8)
      assert.isAtMost(busiest(seen.map(({ at }) => at), 10 * second), 3)
    }))

  it.effect("does not count if it is interrupted", () =>
    Effect.gen(function*() {
      const first = yield* Deferred.make<true>()
      const { invitations, seen } = yield* stub.service(firstWaits(Deferred.await(first)), {
        ...onePermit,
        rateLimit: { limits: perHour(3) }
      })
      const create = (n: number) =>
        Effect.zipLeft(Effect.fork(invitations.create(invite(n))), TestClock.adjust("1 second"))
      yield* create(1)
      yield* Fiber.interrupt(yield* create(2))
      yield* Fiber.interrupt(yield* create(3))
      yield* Deferred.succeed(first, true)
      // Two of three calls are left.
      assert.strictEqual(yield* runStubWithClock(endOf(invitations.create(invite(4)))), 3 * second)
      assert.strictEqual(yield* runStubWithClock(endOf(invitations.create(invite(5)))), 3 * second)
      assert.lengthOf(seen, 3)
    }))

  it.effect("does not count if the call reaches its deadline", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(firstWaits(Effect.sleep("9 seconds")), {
        ...onePermit,
        timeout: { attempt: "10 seconds", total: "20 seconds" },
        rateLimit: { limits: perHour(2) }
      })
      yield* Effect.fork(invitations.create(invite(1)))
      yield* TestClock.adjust("1 second")
      const late = invitations.create(invite(2)).pipe(InvitationsHttp.withTimeout({ total: "2 seconds" }))
      const error = yield* runStubWithClock(Effect.flip(late))
      assert.strictEqual(error._tag, "Timeout")
      yield* TestClock.adjust("10 seconds")
      yield* invitations.create(invite(3))
      assert.lengthOf(seen, 2)
    }))

  it.effect("does not count if a cooldown has started", () =>
    Effect.gen(function*() {
      let requests = 0
      const { invitations, seen } = yield* stub.service(
        (request) =>
          // Longer than the window, so that the layer has a cooldown.
          requests++ === 0
            ? Effect.as(Effect.sleep("5 seconds"), { status: 429, headers: { "retry-after": "30" } })
            : Effect.succeed(stub.properly(request)),
        {
          ...onePermit,
          retry: { maxRetryAfter: "1 minute" },
          timeout: { total: "5 minutes" },
          rateLimit: { limits: limits({ create: { limit: 3, window: Duration.seconds(20) } }) }
        }
      )
      yield* runStubWithClock(
        Effect.forEach([1, 2, 3], (n) => invitations.create(invite(n)), { concurrency: "unbounded" })
      )
      assert.lengthOf(seen, 4)
      // All of them within one window after the cooldown.
      assert.isBelow((seen[3]?.at ?? 0) - (seen[1]?.at ?? 0), 20 * second)
    }))

  for (const isShared of [false, true]) {
    it.effect(`is not sent during a pause that has begun, ${isShared ? "over a store" : "in memory"}`, () =>
      Effect.gen(function*() {
        const limiter = yield* inMemory
        const { invitations, seen } = yield* stub.service(
          (request, index) =>
            index === 0
              ? Effect.delay(Effect.succeed(tooManyRequests(60)), "300 millis")
              : Effect.succeed(stub.properly(request)),
          {
            ...onePermit,
            retry: { maxRetryAfter: "2 minutes" },
            timeout: { total: "5 minutes" },
            rateLimit: { limits: perHour(5), ...(isShared ? { limiter } : {}) }
          }
        )
        yield* runStubWithClock(
          Effect.forEach([1, 2, 3], (n) => invitations.create(invite(n)), { concurrency: "unbounded" })
        )
        assert.lengthOf(seen, 4)
        assert.isAtLeast(seen[1]?.at ?? 0, 60 * second)
      }))
  }

  it.effect("an invitation that was created during a further wait is not that of the create", () =>
    Effect.gen(function*() {
      const { emailAddress } = invite(1)
      const created = page([row(101, { email_address: emailAddress, created_at: 60 * second })])
      let requests = 0
      let sentAt: number | undefined
      const { invitations } = yield* stub.service((request) => {
        if (request.operation === "list") {
          return Effect.succeed({ body: request.url.searchParams.has("status") ? page([]) : created })
        }
        if (request.body.includes(emailAddress)) {
          if (sentAt !== undefined) return Effect.succeed(duplicate)
          sentAt = request.at
          return Effect.succeed(lost)
        }
        // Longer than a reservation is fresh.
        return Effect.delay(Effect.succeed(stub.properly(request)), requests++ === 0 ? "30 seconds" : 0)
      }, {
        ...onePermit,
        timeout: { attempt: "40 seconds", total: "10 minutes" },
        rateLimit: { limits: limits({ create: { limit: 2, window: Duration.minutes(2) } }) }
      })
      const create = (n: number) => Effect.either(invitations.create(invite(n)))
      // Both quotas are used up when the reservation of the second create has expired.
      const results = yield* runStubWithClock(Effect.forEach([7, 1, 8, 9], create, { concurrency: "unbounded" }))
      assert.isAbove(sentAt ?? 0, 120 * second)
      assert.deepStrictEqual(results.map(Either.isRight), [true, false, true, true])
    }))
})
