import { InvalidRequest, RateLimited, Timeout } from "@effect-clerk/core/InvitationError"
import * as http from "@effect-clerk/http"
import { InvitationsHttp, RateLimiting, RetryPolicy, Timeouts } from "@effect-clerk/http"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Clock, Duration, Effect, Schedule, Stream } from "effect"
import { runStubWithClock } from "../utils/clock.js"
import { answering, invite, perHour } from "../utils/limits.js"
import * as stub from "../utils/stub.js"
import { call, operations, page, proper } from "../utils/wire.js"

const stalled = (options: Partial<InvitationsHttp.Options>) =>
  Effect.map(stub.service(() => "stall", options), ({ invitations }) => Effect.flip(invitations.list()))

const isTimeout = (error: unknown, limit: Timeout["limit"], duration: Duration.DurationInput): boolean =>
  error instanceof Timeout && error.limit === limit && Duration.equals(error.duration, duration)

/** How many attempts a list makes in a region, while the server is unavailable. */
const attemptsOf = (options: Partial<InvitationsHttp.Options>) =>
  Effect.map(
    stub.service(() => ({ status: 503 }), options),
    ({ invitations, seen }) => Effect.map(Effect.exit(invitations.list()), () => seen.splice(0).length)
  )

/** How long a create is reconciled in a region. Its outcome is unknown, and the list is empty. */
const reconciledFor = (options: Partial<InvitationsHttp.Options>) =>
  Effect.map(
    stub.service(({ operation }) => operation === "create" ? { status: 503 } : { body: page([]) }, options),
    ({ invitations }) =>
      Effect.gen(function*() {
        const start = yield* Clock.currentTimeMillis
        yield* Effect.flip(invitations.create(invite(1)))
        return (yield* Clock.currentTimeMillis) - start
      })
  )

describe("withTimeout", () => {
  it.effect("keeps the options of the layer that it does not set", () =>
    Effect.gen(function*() {
      const list = yield* stalled({ retry: "none", timeout: { attempt: "2 seconds", total: "20 seconds" } })
      const region = InvitationsHttp.withTimeout(list, { total: "1 hour" })
      assert.isTrue(isTimeout(yield* runStubWithClock(region), "attempt", "2 seconds"))
      const longAttempt = InvitationsHttp.withTimeout(list, { attempt: "1 hour" })
      assert.isTrue(isTimeout(yield* runStubWithClock(longAttempt), "total", "20 seconds"))
    }))

  it.effect("merges nested regions, and the inner one wins", () =>
    Effect.gen(function*() {
      const list = yield* stalled({ retry: "none" })
      const nested = list.pipe(
        InvitationsHttp.withTimeout({ attempt: "3 seconds" }),
        InvitationsHttp.withTimeout({ attempt: "4 seconds", total: "2 seconds" })
      )
      assert.isTrue(isTimeout(yield* runStubWithClock(nested), "total", "2 seconds"))
      const wider = InvitationsHttp.withTimeout(list.pipe(InvitationsHttp.withTimeout({ attempt: "3 seconds" })), {
        attempt: "4 seconds",
        total: "5 seconds"
      })
      assert.isTrue(isTimeout(yield* runStubWithClock(wider), "attempt", "3 seconds"))
    }))

  it.effect("holds for its effect only, and for the fibers that it forks", () =>
    Effect.gen(function*() {
      const list = yield* stalled({ retry: "none" })
      const forked = InvitationsHttp.withTimeout(Effect.all([list, list], { concurrency: 2 }), { attempt: "1 second" })
      for (const error of yield* runStubWithClock(forked)) assert.isTrue(isTimeout(error, "attempt", "1 second"))
      assert.isTrue(isTimeout(yield* runStubWithClock(list), "attempt", "10 seconds"))
    }))

  it.effect("holds for a stream that its effect runs", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(() => "stall", { retry: "none" })
      const error = yield* Stream.runDrain(invitations.stream()).pipe(
        InvitationsHttp.withTimeout({ attempt: "1 second" }),
        Effect.flip,
        runStubWithClock
      )
      assert.isTrue(isTimeout(error, "attempt", "1 second"))
    }))

  it.effect("sets the timeout of the look-ups that reconcile a create", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(
        ({ operation }) => operation === "create" ? { status: 503 } : "stall",
        { retry: { attempts: 1, reconcileTimeout: 0 } }
      )
      yield* Effect.flip(invitations.create(invite(1))).pipe(
        InvitationsHttp.withTimeout({ attempt: "1 second" }),
        runStubWithClock
      )
      // A look-up is retried once.
      assert.strictEqual(yield* Clock.currentTimeMillis, 2000)
    }))
})

describe("withRetry", () => {
  it.effect("keeps the options of the layer that it does not set", () =>
    Effect.gen(function*() {
      const layer = { retry: { attempts: 2, reconcileTimeout: "1 second" } } as const
      const create = yield* reconciledFor(layer)
      const once = yield* runStubWithClock(InvitationsHttp.withRetry(create, { attempts: 1 }))
      // Look-ups are made after 0, 1/16, 3/16, 7/16 and 15/16 of the reconcile timeout.
      assert.strictEqual(once, 937.5)
      const list = yield* attemptsOf(layer)
      assert.strictEqual(yield* runStubWithClock(list.pipe(InvitationsHttp.withRetry({ reconcileTimeout: 0 }))), 2)
    }))

  it.effect("merges nested regions, and the inner one wins", () =>
    Effect.gen(function*() {
      const create = yield* reconciledFor({})
      const nested = create.pipe(
        InvitationsHttp.withRetry({ reconcileTimeout: "2 seconds" }),
        InvitationsHttp.withRetry({ attempts: 1, reconcileTimeout: "1 hour" })
      )
      assert.strictEqual(yield* runStubWithClock(nested), 1875)
    }))

  it.effect("replaces the schedule of the layer by attempts, and attempts by a schedule", () =>
    Effect.gen(function*() {
      const scheduled = yield* attemptsOf({ retry: Schedule.recurs(4) })
      assert.strictEqual(yield* runStubWithClock(scheduled), 5)
      assert.strictEqual(yield* runStubWithClock(scheduled.pipe(InvitationsHttp.withRetry({ attempts: 2 }))), 2)
      assert.strictEqual(yield* runStubWithClock(scheduled.pipe(InvitationsHttp.withRetry({ minBackoff: 0 }))), 5)
      assert.strictEqual(yield* runStubWithClock(scheduled.pipe(InvitationsHttp.withRetry("none"))), 1)
      const counted = yield* attemptsOf({ retry: { attempts: 2 } })
      assert.strictEqual(yield* runStubWithClock(counted.pipe(InvitationsHttp.withRetry(Schedule.recurs(3)))), 4)
    }))
})

describe("withMaxRateLimitWait", () => {
  it.effect("replaces the longest wait of the layer, and the inner region wins", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* answering({ limits: perHour(1), maxWait: "1 second" })
      const create = (n: number) => invitations.create(invite(n))
      yield* runStubWithClock(create(0))
      const rejected = [
        create(1),
        InvitationsHttp.withMaxRateLimitWait(create(2), "10 minutes"),
        create(3).pipe(
          InvitationsHttp.withMaxRateLimitWait("1 second"),
          InvitationsHttp.withMaxRateLimitWait("2 hours")
        )
      ]
      for (const effect of rejected) assert.instanceOf(yield* runStubWithClock(Effect.flip(effect)), RateLimited)
      yield* runStubWithClock(create(4).pipe(InvitationsHttp.withMaxRateLimitWait("2 hours")))
      assert.strictEqual(seen.length, 2)
    }))
})

describe("an invalid option of a region", () => {
  const regions: ReadonlyArray<
    readonly [path: string, region: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>]
  > = [
    ["timeout.attempt", InvitationsHttp.withTimeout({ attempt: -4242 })],
    ["timeout.total", InvitationsHttp.withTimeout({ total: 0 })],
    ["retry.attempts", InvitationsHttp.withRetry({ attempts: -4242 })],
    ["retry.minBackoff", InvitationsHttp.withRetry({ minBackoff: "-4242 millis" })],
    ["rateLimit.maxWait", InvitationsHttp.withMaxRateLimitWait(-4242)]
  ]

  for (const [path, region] of regions) {
    it.effect(`${path}: every call fails with an InvalidRequest that names it, and is not sent`, () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* stub.service(({ operation }) => ({ body: proper[operation] }))
        for (const operation of operations) {
          const timed = InvitationsHttp.withTimeout(call(invitations, operation), { total: "1 minute" })
          const error = yield* Effect.flip(region(timed))
          assert.instanceOf(error, InvalidRequest)
          assert.deepStrictEqual(error.issues.map((issue) => issue.path), [path])
          assert.notInclude(error.message, "4242")
        }
        assert.deepStrictEqual(seen, [])
      }))
  }
})

describe("types", () => {
  it("are those of the effect, data-first and data-last", () => {
    const effect: Effect.Effect<1, "error", "service"> = Effect.succeed(1)
    expectTypeOf(InvitationsHttp.withTimeout(effect, {})).toEqualTypeOf<typeof effect>()
    expectTypeOf(effect.pipe(InvitationsHttp.withTimeout({}))).toEqualTypeOf<typeof effect>()
    expectTypeOf(InvitationsHttp.withRetry(effect, "none")).toEqualTypeOf<typeof effect>()
    expectTypeOf(effect.pipe(InvitationsHttp.withRetry({ reconcile: false }))).toEqualTypeOf<typeof effect>()
    expectTypeOf(InvitationsHttp.withMaxRateLimitWait(effect, 1)).toEqualTypeOf<typeof effect>()
    expectTypeOf(effect.pipe(InvitationsHttp.withMaxRateLimitWait("1 second"))).toEqualTypeOf<typeof effect>()
  })

  it("no FiberRef and no second way to set a region is exported", () => {
    assert.doesNotHaveAnyKeys(Timeouts, ["current", "locally"])
    assert.doesNotHaveAnyKeys(RetryPolicy, ["current", "locally"])
    assert.doesNotHaveAnyKeys(RateLimiting, ["currentMaxWait", "locally"])
    assert.notProperty(http, "Overrides")
  })
})
