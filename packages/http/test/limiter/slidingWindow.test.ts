import { InvitationsHttp } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, FastCheck, Fiber } from "effect"
import { runStubWithClock } from "../utils/clock.js"
import { answering, busiest, hour, invite, limits, perHour, second, timesOf } from "../utils/limits.js"
import { endOf, inMemory } from "./utils.js"

describe("a sliding window", () => {
  const arrivals = FastCheck.array(
    FastCheck.record({
      after: FastCheck.oneof(FastCheck.constant(0), FastCheck.integer({ min: 1, max: hour })),
      // After how long the call is interrupted, or otherwise its `maxWait`; null waits without a limit.
      wait: FastCheck.option(FastCheck.integer({ min: 0, max: 2 * hour })),
      interrupted: FastCheck.boolean(),
      layer: FastCheck.integer({ min: 0, max: 1 })
    }),
    { minLength: 1, maxLength: 12 }
  )

  it.effect.prop(
    "never exceeds the limit, whenever calls arrive or are interrupted, in one layer or in two that share a store",
    [FastCheck.integer({ min: 1, max: 3 }), arrivals],
    ([limit, arrivals]) =>
      Effect.gen(function*() {
        const limiter = yield* inMemory
        const layers = yield* Effect.all([0, 1].map(() => answering({ limits: perHour(limit), limiter })))
        const exits = yield* runStubWithClock(
          Effect.forEach(arrivals, ({ after, interrupted, layer, wait }, n) => {
            const create = layers[layer]?.invitations.create(invite(n)) ?? Effect.dieMessage("no such layer")
            const limited = wait === null
              ? create
              : interrupted
              ? Effect.timeout(create, wait)
              : InvitationsHttp.withMaxRateLimitWait(create, wait)
            return Effect.zipRight(Effect.sleep(after), Effect.fork(Effect.exit(limited)))
          }).pipe(Effect.flatMap((fibers) => Fiber.joinAll(fibers)))
        )
        const times = layers.flatMap(({ seen }) => timesOf(seen, "create"))
        assert.isAtMost(busiest(times, hour), limit)
        // Every call that succeeded was sent once, and no other call was sent.
        assert.strictEqual(times.length, exits.filter(Exit.isSuccess).length)
        for (const [n, { wait }] of arrivals.entries()) {
          if (wait === null) assert.isTrue(exits[n]?._tag === "Success")
        }
      }),
    { fastCheck: { numRuns: 10 } }
  )

  it.effect("is used to within 2 % of the optimal schedule over ten hours", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* answering({
        limits: limits({
          create: { limit: 4, window: Duration.hours(1) },
          createBulk: { limit: 2, window: Duration.hours(1) }
        })
      })
      const total = yield* runStubWithClock(endOf(
        Effect.all([
          Effect.forEach(Array.from({ length: 44 }, (_, n) => n), (n) => invitations.create(invite(n)), {
            concurrency: 6
          }),
          Effect.forEach(Array.from({ length: 22 }, (_, n) => n), (n) =>
            invitations.createBulk([invite(2 * n + 2000), invite(2 * n + 2001)]), {
            concurrency: 3
          })
        ], { concurrency: "unbounded" }).pipe(Effect.ignore)
      ))
      assert.strictEqual(timesOf(seen, "create").length, 44)
      assert.strictEqual(timesOf(seen, "createBulk").length, 22)
      assert.isAtMost(busiest(timesOf(seen, "create"), hour), 4)
      assert.isAtMost(busiest(timesOf(seen, "createBulk"), hour), 2)
      // Eleven bursts, at least an hour apart.
      assert.isAtMost(total, 10 * hour * 1.02)
    }))

  it.effect("of ten seconds is used up every eleven seconds", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* answering("clerk")
      const total = yield* runStubWithClock(
        endOf(Effect.forEach(Array.from({ length: 201 }), () => invitations.list(), { concurrency: 5 }))
      )
      assert.strictEqual(busiest(timesOf(seen, "list"), 10 * second), 100)
      assert.strictEqual(total, 2 * 11 * second)
    }))
})
