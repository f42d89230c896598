import { TooManyRequests } from "@effect-clerk/core/InvitationError"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Exit, Fiber } from "effect"
import { runStubWithClock } from "../utils/clock.js"
import { answering, hour, invite, limits, perHour, second } from "../utils/limits.js"
import * as stub from "../utils/stub.js"
import { endOf, inMemory, tooManyRequests } from "./utils.js"

describe("a 429 despite the limiter", () => {
  it.effect("delays every layer that shares the limit by its Retry-After", () =>
    Effect.gen(function*() {
      const limiter = yield* inMemory
      const rejected = yield* stub.service(
        (request, index) => index === 0 ? tooManyRequests(1200) : stub.properly(request),
        {
          rateLimit: { limits: perHour(3), limiter }
        }
      )
      const other = yield* answering({ limits: perHour(3), limiter })
      const [firstEnd, secondEnd] = yield* runStubWithClock(Effect.gen(function*() {
        const first = yield* Effect.fork(endOf(rejected.invitations.create(invite(1))))
        yield* Effect.sleep("1 second")
        const second = yield* Effect.fork(endOf(other.invitations.create(invite(2))))
        return yield* Fiber.join(Fiber.zip(first, second))
      }))
      assert.isAtLeast(firstEnd, 1200 * second)
      assert.isAtMost(firstEnd, 1201 * second)
      assert.isAtLeast(secondEnd, 1200 * second)
      assert.strictEqual(rejected.seen.length, 2)
      assert.strictEqual(other.seen.length, 1)
    }))

  it.effect("is rare after a restart with a quota that is used up", () =>
    Effect.gen(function*() {
      for (const spread of ["at once", "evenly"] as const) {
        const start = yield* Clock.currentTimeMillis
        // When the calls of the previous process arrived: all 50 minutes ago, or evenly since then.
        const arrivals = Array.from(
          { length: 6 },
          (_, n) => start - 3000 * second + (spread === "evenly" ? n * 500 * second : 0)
        )
        let rejected = 0
        const { invitations } = yield* stub.service((request) => {
          const { at } = request
          const recent = arrivals.filter((time) => time > at - hour)
          if (recent.length < 6) {
            arrivals.push(at)
            return stub.properly(request)
          }
          rejected += 1
          return tooManyRequests(Math.ceil(((recent[0] ?? 0) + hour - at) / second))
        }, { rateLimit: { limits: perHour(6) } })
        const exits = yield* runStubWithClock(
          Effect.forEach(Array.from({ length: 14 }, (_, n) => n), (n) => Effect.exit(invitations.create(invite(n))), {
            concurrency: 4
          })
        )
        assert.strictEqual(exits.filter(Exit.isSuccess).length, 14)
        // The quota is free ten minutes after the start; two more windows follow.
        assert.isAtMost((yield* Clock.currentTimeMillis) - start, 2.75 * hour)
        // The calls in flight with the first one, and a few that arrive slightly too early.
        assert.isAtMost(rejected, 6)
      }
    }))

  it.effect("fails the call if its Retry-After exceeds the window", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(() => tooManyRequests(3600), { rateLimit: "clerk" })
      const error = yield* runStubWithClock(Effect.flip(invitations.list()))
      assert.instanceOf(error, TooManyRequests)
      assert.strictEqual(seen.length, 1)
    }))

  it.effect("with a Retry-After that exceeds the window delays the calls that wait for the limits, too", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(
        (request, index) => index === 0 ? tooManyRequests(60) : stub.properly(request),
        {
          retry: { maxRetryAfter: "2 minutes" },
          timeout: { total: "10 minutes" },
          rateLimit: { limits: limits({ create: { limit: 1, window: Duration.seconds(10) } }) }
        }
      )
      yield* runStubWithClock(
        Effect.forEach([1, 2, 3], (n) => invitations.create(invite(n)), { concurrency: "unbounded" })
      )
      assert.lengthOf(seen, 4)
      assert.isAtLeast(seen[1]?.at ?? 0, 60 * second)
    }))
})
