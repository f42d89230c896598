import { Timeout } from "@effect-clerk/core/InvitationError"
import { InvitationsHttp } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect } from "effect"
import { runStubWithClock } from "../utils/clock.js"
import { answering, busiest, hour, invite, limits, perHour, second, timesOf, tokenAway } from "../utils/limits.js"
import * as stub from "../utils/stub.js"
import { page, row } from "../utils/wire.js"

describe("every attempt", () => {
  it.effect("consumes a reservation, retries included", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(
        (request, index) => index < 2 ? { status: 503 } : stub.properly(request),
        { rateLimit: { limits: limits({ all: { limit: 1, window: Duration.minutes(10) } }) } }
      )
      yield* runStubWithClock(invitations.list())
      assert.deepStrictEqual(timesOf(seen, "list"), [0, 630_000, 1_260_000])
    }))

  it.effect("of a look-up consumes a reservation of all calls", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(
        ({ operation }) => ({ body: operation === "list" ? page([]) : row(1) }),
        { rateLimit: { limits: limits({ all: { limit: 1, window: Duration.seconds(1) } }) } }
      )
      yield* runStubWithClock(invitations.create({ ...invite(1), ignoreExisting: true }))
      assert.strictEqual(timesOf(seen, "list").length, 2)
      assert.strictEqual(busiest(seen.map(({ at }) => at), second), 1)
    }))

  it.effect("may wait for a reservation longer than the deadline of the call", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(
        (request, index) => index === 1 ? { code: "ECONNREFUSED", syscall: "connect" } : stub.properly(request),
        { rateLimit: { limits: perHour(1) } }
      )
      yield* runStubWithClock(Effect.forEach([1, 2], (n) => invitations.create(invite(n))))
      assert.deepStrictEqual(timesOf(seen, "create"), [0, tokenAway, 2 * tokenAway])
    }))

  it.effect("is bound by the deadline, which excludes the wait for a reservation", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(
        (request, index) => index === 0 ? stub.properly(request) : "stall",
        { rateLimit: { limits: limits({ all: { limit: 1, window: Duration.hours(1) } }) }, retry: { attempts: 10 } }
      )
      const [error, end] = yield* runStubWithClock(Effect.gen(function*() {
        yield* invitations.list()
        const error = yield* Effect.flip(invitations.list().pipe(InvitationsHttp.withTimeout({ total: "15 seconds" })))
        return [error, yield* Clock.currentTimeMillis] as const
      }))
      assert.instanceOf(error, Timeout)
      // Two attempts after an hour's wait each: the first takes its ten seconds, the second the five seconds left.
      assert.strictEqual(seen.length, 3)
      assert.isAtLeast(end, 2 * hour)
      assert.isAtMost(end, 2 * tokenAway + 15 * second)
    }))
})

describe("two creates for one address", () => {
  it.effect("run one at a time, beyond the deadline of the second while the first waits for a reservation", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* answering({ limits: perHour(1) })
      yield* runStubWithClock(Effect.gen(function*() {
        yield* invitations.create(invite(0))
        yield* Effect.all([invitations.create(invite(1)), invitations.create(invite(1))], { concurrency: "unbounded" })
      }))
      assert.deepStrictEqual(timesOf(seen, "create"), [0, tokenAway, 2 * tokenAway])
    }))

  it.effect("run one at a time for no longer than the maxWait of the second exceeds its deadline", () =>
    Effect.gen(function*() {
      const { invitations } = yield* answering({ limits: perHour(1) })
      const end = yield* runStubWithClock(Effect.gen(function*() {
        yield* invitations.create(invite(0))
        yield* Effect.fork(invitations.create(invite(1)))
        yield* Effect.sleep("1 second")
        const error = yield* Effect.flip(
          InvitationsHttp.withMaxRateLimitWait(invitations.create(invite(1)), "5 seconds")
        )
        assert.instanceOf(error, Timeout)
        return yield* Clock.currentTimeMillis
      }))
      assert.strictEqual(end, (1 + 60 + 5) * second)
    }))
})
