import { RateLimits } from "@effect-clerk/core"
import { BadRequest, TooManyRequests } from "@effect-clerk/core/InvitationError"
import { Duration, Effect, TestClock } from "effect"
import * as assert from "./assert.js"
import { errorFields, tooManyRequests } from "./errors.js"
import { ada, failure, makeRequests, withoutRetry } from "./fixtures.js"
import * as Suite from "./suite.js"

export const rateLimits = Suite.make((test) => {
  test("are off by default", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* Effect.forEach(makeRequests(110), (request) => invitations.create(request))
      assert.strictEqual((yield* control.invitations).length, 110)
    }))

  test(
    "allow 100 creates an hour, then answer with TooManyRequests and a Retry-After",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        yield* Effect.forEach(makeRequests(100), (request) => invitations.create(request))
        const error = yield* failure(invitations.create({ emailAddress: ada }), TooManyRequests)
        assert.deepStrictEqual(errorFields(error), tooManyRequests("create", 3600))
        assert.isSome(error.retryAfter, Duration.hours(1))
        assert.strictEqual((yield* control.invitations).length, 100)
        assert.deepStrictEqual((yield* control.calls).at(-1)?.outcome, "too_many_requests")
        yield* TestClock.adjust("30 minutes")
        const later = yield* failure(invitations.create({ emailAddress: ada }), TooManyRequests)
        assert.isSome(later.retryAfter, Duration.minutes(30))
        yield* TestClock.adjust("30 minutes")
        assert.strictEqual((yield* invitations.create({ emailAddress: ada })).status, "pending")
      }),
    { rateLimits: RateLimits.production }
  )

  test("count over a sliding window of an hour", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.setRateLimits({ ...RateLimits.production, create: { limit: 4, window: Duration.hours(1) } })
      const create = (n: number, count: number) =>
        Effect.forEach(makeRequests(count, n), (request) => invitations.create(request))
      yield* create(0, 2)
      yield* TestClock.adjust("40 minutes")
      yield* create(10, 2)
      assert.isSome(
        (yield* failure(invitations.create({ emailAddress: ada }), TooManyRequests)).retryAfter,
        Duration.minutes(20)
      )
      yield* TestClock.adjust("20 minutes")
      yield* create(20, 2)
      assert.isSome(
        (yield* failure(invitations.create({ emailAddress: ada }), TooManyRequests)).retryAfter,
        Duration.minutes(40)
      )
    }))

  test(
    "allow 25 bulk creates an hour, independent of single creates",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        yield* Effect.forEach(
          Array.from({ length: 25 }, (_, n) => n * 10),
          (n) => invitations.createBulk(makeRequests(10, n))
        )
        const error = yield* failure(invitations.createBulk([{ emailAddress: ada }]), TooManyRequests)
        assert.deepStrictEqual(errorFields(error), tooManyRequests("createBulk", 3600))
        assert.strictEqual((yield* control.invitations).length, 250)
        assert.strictEqual((yield* invitations.create({ emailAddress: ada })).status, "pending")
        yield* TestClock.adjust("1 hours")
        assert.strictEqual((yield* invitations.createBulk(makeRequests(1, 1000))).length, 1)
      }),
    { rateLimits: RateLimits.production }
  )

  test(
    "allow a development instance 100 calls of any operation in ten seconds",
    ({ invitations }) =>
      Effect.gen(function*() {
        yield* Effect.forEach(Array.from({ length: 100 }), () => invitations.list())
        yield* TestClock.adjust("4 seconds")
        const error = yield* failure(withoutRetry(invitations.list()), TooManyRequests)
        assert.deepStrictEqual(errorFields(error), tooManyRequests("list", 6))
        yield* TestClock.adjust("6 seconds")
        assert.strictEqual((yield* invitations.list()).totalCount, 0)
      }),
    { rateLimits: RateLimits.development }
  )

  test("count the calls of all operations together", ({ control, invitations }) =>
    Effect.gen(function*() {
      const [one, two] = yield* control.seed(makeRequests(2, 50))
      assert.isTrue(one !== undefined && two !== undefined)
      yield* control.setRateLimits({ ...RateLimits.production, all: { limit: 5, window: Duration.hours(1) } })
      yield* invitations.create({ emailAddress: ada })
      yield* invitations.createBulk(makeRequests(1))
      yield* invitations.list()
      yield* invitations.revoke(one.id)
      yield* invitations.delete(one.id)
      assert.deepStrictEqual(
        errorFields(yield* failure(withoutRetry(invitations.delete(two.id)), TooManyRequests)),
        tooManyRequests("delete", 3600)
      )
      assert.strictEqual((yield* control.invitations).length, 3)
    }))

  const tight = { ...RateLimits.production, create: { limit: 2, window: Duration.hours(1) } }

  test("count rejected calls by default", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.seed([{ emailAddress: ada }])
      yield* failure(invitations.create({ emailAddress: ada }), BadRequest)
      yield* failure(invitations.create({ emailAddress: ada }), BadRequest)
      yield* failure(invitations.create({ emailAddress: "bob@x.co" }), TooManyRequests)
    }), { rateLimits: tight })

  test(
    "do not count rejected calls with countRejected false",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        yield* control.seed([{ emailAddress: ada }])
        for (let n = 0; n < 5; n++) yield* failure(invitations.create({ emailAddress: ada }), BadRequest)
        yield* invitations.create({ emailAddress: "bob@x.co" })
        yield* invitations.create({ emailAddress: "cleo@x.co" })
        yield* failure(invitations.create({ emailAddress: "dora@x.co" }), TooManyRequests)
      }),
    { rateLimits: tight, countRejected: false }
  )

  test("do not count seeds", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.seed(makeRequests(50))
      yield* invitations.create({ emailAddress: ada })
      yield* invitations.create({ emailAddress: "bob@x.co" })
    }), { rateLimits: tight })

  test("restart when they are changed, and on reset", ({ control, invitations }) =>
    Effect.gen(function*() {
      const two = (n: number) => Effect.forEach(makeRequests(2, n), (request) => invitations.create(request))
      yield* two(0)
      yield* control.setRateLimits(tight)
      yield* two(10)
      yield* control.reset
      yield* two(20)
      yield* control.setRateLimits("off")
      yield* two(30)
      yield* two(40)
      yield* control.setRateLimits(tight)
      yield* two(50)
      yield* failure(invitations.create({ emailAddress: ada }), TooManyRequests)
    }), { rateLimits: tight })
})
