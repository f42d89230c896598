import { RateLimits } from "@effect-clerk/core"
import { assert } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Clock, Duration, Effect, FastCheck as fc, Random, TestContext } from "effect"
import { makeRequests } from "../../conformance/fixtures.js"
import { beforeAll } from "./attempts.js"
import type { Fresh, Test } from "./fixture.js"
import { drive, oneEach, withClock } from "./fixture.js"

const hour = Duration.toMillis("1 hour")

const limitsOf = (all: number, create: number, createBulk: number): RateLimits.RateLimits => ({
  all: { limit: all, window: Duration.seconds(10) },
  create: { limit: create, window: Duration.minutes(2) },
  createBulk: { limit: createBulk, window: Duration.minutes(2) }
})

export const rateLimits = (test: Test, fresh: Fresh): void => {
  test("10,000 people take the time that the published limits allow", (fixture) =>
    Effect.gen(function*() {
      const { complete, control, start } = fixture
      yield* start(10_000)
      const { counts, estimatedEnd, state } = yield* complete()
      deepStrictEqual([state, counts.Created, estimatedEnd._tag], ["completed", 10_000, "None"])
      const hours = (yield* Clock.currentTimeMillis) / hour
      // 350 an hour: the last ones are sent at the beginning of the 29th hour.
      assert.isAtLeast(hours, 28 * 0.99)
      assert.isAtMost(hours, 28 * 1.01)
      const { length } = yield* control.outbox
      assert.strictEqual(length, 10_000)
      assert.isTrue((yield* control.calls).every(({ outcome }) => outcome === "ok"))
    }), { server: { rateLimits: RateLimits.development } })

  for (const all of [10, 12, 20, 31]) {
    test(
      `a limit of ${all} calls in 10 seconds is enough for progress`,
      ({ complete, control, emails, start }) =>
        Effect.gen(function*() {
          yield* start(40)
          assert.strictEqual((yield* complete()).state, "completed")
          deepStrictEqual(yield* emails, oneEach(40))
          assert.isTrue((yield* control.calls).every(({ outcome }) => outcome === "ok"))
        }),
      { options: { limits: limitsOf(all, 100, 25) }, server: { rateLimits: limitsOf(all, 100, 25) } }
    )
  }

  test("no campaign ever meets a limit that the server shares with it", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(
          fc.record({
            all: fc.integer({ min: 35, max: 100 }),
            create: fc.integer({ min: 1, max: 20 }),
            createBulk: fc.integer({ min: 1, max: 5 }),
            campaigns: fc.integer({ min: 1, max: 3 }),
            people: fc.integer({ min: 1, max: 40 }),
            latency: fc.constantFrom(0, 200, 3000),
            seed: fc.integer()
          }),
          ({ all, campaigns, create, createBulk, latency, people, seed }) => {
            const limits = limitsOf(all, create, createBulk)
            return Effect.gen(function*() {
              const fixture = yield* fresh({ options: { limits }, server: { rateLimits: limits } })
              const random = yield* Random.next.pipe(Effect.withRandom(Random.make(seed)))
              const wait = latency === 0
                ? Effect.void
                : Effect.flatMap(Random.nextIntBetween(0, latency), (millis) => Effect.sleep(millis))
              const runner = yield* fixture.process({
                attempts: beforeAll(fixture.attempts, Effect.withRandom(wait, Random.make(random)))
              })
              for (let n = 0; n < campaigns; n++) {
                yield* fixture.campaigns.start({
                  id: `campaign${n}`,
                  people: makeRequests(people, n * people + 1)
                })
              }
              for (let n = 0; n < campaigns; n++) {
                yield* drive(fixture.campaigns, fixture.now, `campaign${n}`, withClock(runner.runDue))
              }
              deepStrictEqual(yield* fixture.emails, oneEach(campaigns * people))
              deepStrictEqual((yield* fixture.control.calls).filter(({ outcome }) => outcome !== "ok"), [])
            }).pipe(Effect.scoped, Effect.provide(TestContext.TestContext), Effect.runPromise)
          }
        ),
        { numRuns: 10 }
      )
    ))

  test("the lease has time left for the longest call before each post", ({ attempts, now, process, start, store, campaigns }) =>
    Effect.gen(function*() {
      yield* start(60)
      const left: Array<number> = []
      const measured = Effect.gen(function*() {
        const { leaseUntil } = yield* Effect.flatten(Effect.orDie(store.get("campaign"))).pipe(Effect.orDie)
        left.push((leaseUntil ?? 0) - (yield* now))
        yield* Effect.sleep("900 millis")
      })
      const other = yield* process({
        attempts: {
          ...attempts,
          list: (params) => Effect.zipRight(Effect.sleep("1900 millis"), attempts.list(params)),
          create: (request) => Effect.zipRight(measured, attempts.create(request)),
          createBulk: (requests) => Effect.zipRight(measured, attempts.createBulk(requests))
        }
      })
      yield* drive(campaigns, now, "campaign", withClock(other.runDue))
      assert.isAbove(left.length, 5)
      // `slice` and `callTimeout` together.
      assert.isAtLeast(Math.min(...left), 22_000)
    }))
}
