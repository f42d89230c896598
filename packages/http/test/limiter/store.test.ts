import { RateLimited } from "@effect-clerk/core/InvitationError"
import type { RateLimiting } from "@effect-clerk/http"
import * as RateLimiter from "@effect/experimental/RateLimiter"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Redacted } from "effect"
import { runStubWithClock } from "../utils/clock.js"
import { answering, invite, limits, timesOf } from "../utils/limits.js"
import * as stub from "../utils/stub.js"
import { call } from "../utils/wire.js"
import { inMemory } from "./utils.js"

/** A limiter whose `consume` never succeeds. */
const limiterOf = (consume: Effect.Effect<never, RateLimiter.RateLimiterError>): RateLimiter.RateLimiter => ({
  [RateLimiter.TypeId]: RateLimiter.TypeId,
  consume: () => consume
})

describe("a store that is unavailable", () => {
  const failures = [
    ["fails", Effect.fail(new RateLimiter.RateLimitStoreError({ message: "connection lost" })), 0],
    ["has a defect", Effect.die(new Error("bug")), 0],
    ["does not respond", Effect.never, 500],
    ["does not respond and cannot be interrupted", Effect.uninterruptible(Effect.never), 500]
  ] as const

  for (const [what, consume, millis] of failures) {
    it.effect(`because it ${what}: the call fails with RateLimited within the timeout`, () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* answering({ limiter: limiterOf(consume), storeTimeout: "500 millis" })
        const error = yield* runStubWithClock(Effect.flip(invitations.create(invite(1))))
        assert.instanceOf(error, RateLimited)
        assert.strictEqual(error.reason, "store")
        assert.strictEqual(yield* Clock.currentTimeMillis, millis)
        assert.strictEqual(seen.length, 0)
      }))

    it.effect(`because it ${what}: with onStoreFailure "local" the calls are evenly spaced at the local share`, () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* answering({
          limits: limits({ all: { limit: 100, window: Duration.seconds(10) } }),
          limiter: limiterOf(consume),
          storeTimeout: "500 millis",
          onStoreFailure: "local",
          localShare: 0.25
        })
        yield* runStubWithClock(
          Effect.forEach(Array.from({ length: 20 }), () => invitations.list(), { concurrency: 5 })
        )
        // A share of 25 calls in 11 seconds.
        const times = timesOf(seen, "list")
        for (const [index, at] of times.entries()) {
          if (index > 0) assert.isAtLeast(at - (times[index - 1] ?? 0), 440)
        }
        assert.strictEqual(times.length, 20)
      }))
  }
})

describe("a shared limiter", () => {
  /** What a create and a bulk create consume from a shared limiter. */
  const consumedBy = (secretKey: string, options: RateLimiting.Options = {}) =>
    Effect.gen(function*() {
      const consumed: Array<{ readonly key: string; readonly limit: number }> = []
      const limiter = yield* inMemory
      const { invitations } = yield* stub.service(stub.properly, {
        secretKey: Redacted.make(secretKey),
        rateLimit: {
          ...options,
          limiter: {
            ...limiter,
            consume: (options) => {
              consumed.push(options)
              return limiter.consume(options)
            }
          }
        }
      })
      yield* runStubWithClock(Effect.zipRight(invitations.create(invite(1)), call(invitations, "createBulk")))
      return consumed
    })

  const keysOf = (secretKey: string, key?: string) =>
    Effect.map(consumedBy(secretKey, { key }), (consumed) => consumed.map(({ key }) => key))

  it.effect("gets keys that differ between instances and do not contain the secret key", () =>
    Effect.gen(function*() {
      const one = yield* keysOf("sk_live_one")
      const same = yield* keysOf("sk_live_one")
      const other = yield* keysOf("sk_live_other")
      assert.deepStrictEqual(one, same)
      assert.isTrue(one.every((key) => !other.includes(key)))
      assert.notInclude(one.join(), "sk_live")
      assert.isTrue((yield* keysOf("sk_live_one", "mine")).every((key) => key.startsWith("mine:")))
    }))

  it.effect("gets the limits that Clerk publishes for the key's instance", () =>
    Effect.gen(function*() {
      for (const [key, all] of [["sk_test_any", 100], ["sk_live_any", 1000], ["any", 100]] as const) {
        const sizes = new Map(
          (yield* consumedBy(key)).filter(({ key }) => key.endsWith(":sequence"))
            .map(({ key, limit }) => [key.split(":").at(-2), limit])
        )
        assert.deepStrictEqual(Object.fromEntries(sizes), { create: 100, createBulk: 25, all })
      }
    }))
})
