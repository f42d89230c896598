import { TooManyRequests } from "@effect-clerk/core/InvitationError"
import type { InvitationsHttp } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Option, Schedule } from "effect"
import { runStubWithClock } from "../utils/clock.js"
import * as stub from "../utils/stub.js"
import { reactFirst, throttled } from "../utils/stubbedCalls.js"
import { jumps, make } from "../utils/wallClock.js"

/** The time by the test clock's nanoseconds, in milliseconds. */
const elapsed = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos / 1_000_000n))

/** The service over a stub whose wall clock jumps by `by` when request number `at` arrives. */
const jumping = (
  { at, by }: { readonly by: number; readonly at: number },
  react: Parameters<typeof stub.make>[0],
  options: Partial<InvitationsHttp.Options> = {}
) => {
  const wallClock = make()
  return Effect.map(
    wallClock.run(stub.service((request, index) => {
      if (index === at) wallClock.jump(by)
      return react(request, index)
    }, options)),
    (stubbed) => ({ ...stubbed, run: <A, E>(self: Effect.Effect<A, E>) => runStubWithClock(wallClock.run(self)) })
  )
}

for (const [direction, by] of jumps) {
  describe(`with a wall clock that jumps ${direction} by an hour`, () => {
    it.effect("a call that the server does not answer fails at its deadline", () =>
      Effect.gen(function*() {
        const { invitations, run, seen } = yield* jumping({ by, at: 0 }, () => "stall", {
          retry: { attempts: 100, minBackoff: "1 millis", maxBackoff: "2 millis" },
          timeout: { attempt: "200 millis", total: "2 seconds" }
        })
        const error = yield* run(Effect.flip(invitations.list()))
        assert.strictEqual(error._tag, "Timeout")
        assert.isAtLeast(seen.length, 9)
        assert.isAtLeast(yield* elapsed, 1798)
        assert.isAtMost(yield* elapsed, 2000)
      }))

    it.effect("Retry-After: 1 delays the retry by a second plus jitter", () =>
      Effect.gen(function*() {
        const wallClock = make()
        const { invitations, seen } = yield* wallClock.run(stub.service(reactFirst(1, "list", throttled("1"))))
        yield* Effect.fork(Effect.delay(Effect.sync(() => wallClock.jump(by)), "200 millis"))
        yield* runStubWithClock(wallClock.run(invitations.list()))
        assert.lengthOf(seen, 2)
        assert.isAtLeast(yield* elapsed, 1000)
        assert.isAtMost(yield* elapsed, 2000)
      }))

    it.effect("the cooldown of other calls lasts as long as the server asked", () =>
      Effect.gen(function*() {
        const wallClock = make()
        const { invitations, seen } = yield* wallClock.run(
          stub.service(reactFirst(1, "list", throttled("20")), { retry: { maxRetryAfter: "10 seconds" } })
        )
        yield* runStubWithClock(wallClock.run(Effect.gen(function*() {
          yield* Effect.flip(invitations.list())
          wallClock.jump(by)
          const error = yield* Effect.flip(invitations.list())
          assert.instanceOf(error, TooManyRequests)
          assert.deepStrictEqual(Option.getOrUndefined(error.retryAfter), Duration.seconds(20))
          yield* Effect.sleep("15 seconds")
          yield* invitations.list()
        })))
        assert.lengthOf(seen, 2)
        assert.isAtLeast(yield* elapsed, 20_000)
        assert.isAtMost(yield* elapsed, 21_000)
      }))

    it.effect("a schedule that ends after three seconds ends after three seconds", () =>
      Effect.gen(function*() {
        const { invitations, run, seen } = yield* jumping({ by, at: 1 }, () => ({ status: 503 }), {
          retry: Schedule.spaced("1 second").pipe(Schedule.upTo("3 seconds"))
        })
        yield* run(Effect.flip(invitations.list()))
        assert.lengthOf(seen, 4)
      }))
  })
}
