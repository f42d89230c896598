import { RateLimited } from "@effect-clerk/core/InvitationError"
import { InvitationsHttp } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Option } from "effect"
import { runStubWithClock } from "../utils/clock.js"
import { answering, hour, invite, limits, perHour, second, tokenAway } from "../utils/limits.js"
import * as stub from "../utils/stub.js"
import { jumps, make } from "../utils/wallClock.js"
import { proper } from "../utils/wire.js"
import { tooManyRequests } from "./utils.js"

/** The time by the test clock's nanoseconds, in milliseconds. */
const elapsed = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos / 1_000_000n))

for (const [direction, by] of jumps) {
  describe(`with a wall clock that jumps ${direction} by an hour, the limiter`, () => {
    it.effect("admits the next call at the end of the window", () =>
      Effect.gen(function*() {
        const wallClock = make()
        const { invitations } = yield* wallClock.run(answering({ limits: perHour(1) }))
        const end = yield* runStubWithClock(wallClock.run(Effect.gen(function*() {
          yield* invitations.create(invite(0))
          wallClock.jump(by)
          yield* invitations.create(invite(1))
          return yield* elapsed
        })))
        assert.strictEqual(end, tokenAway)
      }))

    it.effect("admits a waiting call when its reservation is due", () =>
      Effect.gen(function*() {
        const wallClock = make()
        const { invitations } = yield* wallClock.run(answering({ limits: perHour(1) }))
        const end = yield* runStubWithClock(wallClock.run(Effect.gen(function*() {
          yield* invitations.create(invite(0))
          yield* Effect.fork(Effect.delay(Effect.sync(() => wallClock.jump(by)), "10 minutes"))
          // The first call waits for the first reservation and wakes up the second one, which then sleeps again.
          yield* Effect.all([invitations.create(invite(1)), invitations.create(invite(2))], { concurrency: 2 })
          return yield* elapsed
        })))
        assert.strictEqual(end, 2 * tokenAway)
      }))

    it.effect("fails a call whose wait exceeds maxWait, with the time until its reservation", () =>
      Effect.gen(function*() {
        const wallClock = make()
        const { invitations } = yield* wallClock.run(answering({ limits: perHour(1) }))
        const error = yield* runStubWithClock(wallClock.run(Effect.gen(function*() {
          yield* invitations.create(invite(0))
          wallClock.jump(by)
          return yield* Effect.flip(InvitationsHttp.withMaxRateLimitWait(invitations.create(invite(1)), "1 minute"))
        })))
        assert.instanceOf(error, RateLimited)
        assert.deepStrictEqual(Option.getOrUndefined(error.retryAfter), Duration.millis(tokenAway))
      }))

    it.effect("pauses after a 429 for as long as the server asks", () =>
      Effect.gen(function*() {
        const wallClock = make()
        const { invitations } = yield* wallClock.run(stub.service(
          ({ operation }, index) => index === 0 ? tooManyRequests(60) : { body: proper[operation] },
          { rateLimit: { limits: perHour(100) }, retry: { attempts: 1 } }
        ))
        const end = yield* runStubWithClock(wallClock.run(Effect.gen(function*() {
          yield* Effect.flip(invitations.create(invite(0)))
          wallClock.jump(by)
          yield* invitations.create(invite(1))
          return yield* elapsed
        })))
        assert.strictEqual(end, 60 * second)
      }))

    it.effect("postpones the deadline of the call by the time that it waited", () =>
      Effect.gen(function*() {
        const wallClock = make()
        const { invitations } = yield* wallClock.run(stub.service(
          ({ operation }, index) => index === 0 ? { body: proper[operation] } : "stall",
          {
            rateLimit: { limits: limits({ all: { limit: 1, window: Duration.hours(1) } }) },
            retry: { attempts: 10 },
            timeout: { total: "15 seconds" }
          }
        ))
        const end = yield* runStubWithClock(wallClock.run(Effect.gen(function*() {
          yield* invitations.list()
          yield* Effect.fork(Effect.delay(Effect.sync(() => wallClock.jump(by)), "10 minutes"))
          yield* Effect.flip(invitations.list())
          return yield* elapsed
        })))
        assert.isAtLeast(end, 2 * hour)
        assert.isAtMost(end, 2 * tokenAway + 15 * second)
      }))
  })
}
