import { TooManyRequests } from "@effect-clerk/core/InvitationError"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Option, Random, TestClock } from "effect"
import type * as stub from "../utils/stub.js"
import { listOverStub, reactFirst, throttled } from "../utils/stubbedCalls.js"
import { errors } from "../utils/wire.js"

const responses: ReadonlyArray<readonly [description: string, reaction: stub.Reaction, millis: number]> = [
  ["429 with 5", throttled("5"), 5000],
  ["429 with 30, the default maxRetryAfter", throttled("30"), 30_000],
  ["429 with a date", throttled(new Date(1_007_000).toUTCString()), 7000],
  ["429 with 0", throttled("0"), 0],
  ["429 with 1e999", throttled("1e999"), 0],
  ["429 with -1", throttled("-1"), 0],
  ["503 with 5", { status: 503, headers: { "retry-after": "5" } }, 5000],
  [
    "409 resource_locked with 2",
    { status: 409, headers: { "retry-after": "2" }, body: errors("resource_locked") },
    2000
  ],
  ["429 with resets_in 4", { status: 429, body: errors("too_many_requests", { meta: { resets_in: 4 } }) }, 4000]
]

describe("Retry-After", () => {
  for (const [description, reaction, millis] of responses) {
    it.effect(`delays the retry by ${millis} ms plus jitter: ${description}`, () =>
      Effect.gen(function*() {
        const observed: Array<number> = []
        for (let seed = 0; seed < 4; seed++) {
          yield* TestClock.setTime(1_000_000)
          const { delays, error } = yield* listOverStub(reactFirst(1, "list", reaction)).pipe(
            Effect.withRandom(Random.make(seed))
          )
          assert.isUndefined(error)
          observed.push(...delays)
        }
        assert.lengthOf(observed, 4)
        for (const delay of observed) {
          assert.isAtLeast(delay, millis + 200)
          assert.isAtMost(delay, millis + 400)
        }
        assert.strictEqual(new Set(observed).size, 4)
      }))
  }

  for (const retryAfter of ["31", "3600", "86400", "999999999999999"]) {
    it.effect(`beyond maxRetryAfter fails the call at once with TooManyRequests: ${retryAfter} seconds`, () =>
      Effect.gen(function*() {
        const { elapsed, error, requests } = yield* listOverStub(() => throttled(retryAfter))
        assert.instanceOf(error, TooManyRequests)
        assert.deepStrictEqual(Option.getOrUndefined(error.retryAfter), Duration.seconds(Number(retryAfter)))
        assert.lengthOf(requests, 1)
        assert.strictEqual(elapsed, 0)
      }))
  }

  it.effect("beyond maxRetryAfter fails the call at once with TooManyRequests: a date one day ahead", () =>
    Effect.gen(function*() {
      const { elapsed, error, requests } = yield* listOverStub(() => throttled(new Date(86_400_000).toUTCString()))
      assert.strictEqual(error?._tag, "TooManyRequests")
      assert.lengthOf(requests, 1)
      assert.strictEqual(elapsed, 0)
    }))

  it.effect("beyond maxRetryAfter fails the call at once with ServerError: one day in a 503", () =>
    Effect.gen(function*() {
      const { elapsed, error, requests } = yield* listOverStub(() => ({
        status: 503,
        headers: { "retry-after": "86400" }
      }))
      assert.strictEqual(error?._tag, "ServerError")
      assert.lengthOf(requests, 1)
      assert.strictEqual(elapsed, 0)
    }))

  it.effect("is bounded by the option maxRetryAfter", () =>
    Effect.gen(function*() {
      const options = { retry: { maxRetryAfter: "2 seconds" }, timeout: { total: "1 hour" } } as const
      assert.isUndefined((yield* listOverStub(reactFirst(1, "list", throttled("2")), options)).error)
      const { error, requests } = yield* listOverStub(() => throttled("3"), options)
      assert.strictEqual(error?._tag, "TooManyRequests")
      assert.lengthOf(requests, 1)
    }))

  it.effect("beyond the deadline of the call fails the call at once", () =>
    Effect.gen(function*() {
      const { elapsed, error, requests } = yield* listOverStub(() => throttled("20"), {
        timeout: { total: "15 seconds" }
      })
      assert.strictEqual(error?._tag, "TooManyRequests")
      assert.lengthOf(requests, 1)
      assert.strictEqual(elapsed, 0)
    }))
})
