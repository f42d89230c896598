import type { RateLimits } from "@effect-clerk/http"
import { RateLimiting } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, FastCheck, Fiber } from "effect"
import { driveStub } from "./utils/drive.js"
import * as stub from "./utils/stub.js"
import { proper } from "./utils/wire.js"

const hour = 60 * 60 * 1000

const limits = (fields: Partial<RateLimits.RateLimits>): RateLimits.RateLimits => ({
  all: { limit: 1_000_000, window: Duration.seconds(10) },
  create: { limit: 100, window: Duration.hours(1) },
  createBulk: { limit: 25, window: Duration.hours(1) },
  ...fields
})

const perHour = (limit: number) => limits({ create: { limit, window: Duration.hours(1) } })

/** The most that any window of this length holds. */
const busiest = (times: ReadonlyArray<number>, window: number): number => {
  const sorted = [...times].sort((a, b) => a - b)
  let from = 0
  let most = 0
  for (const [to, time] of sorted.entries()) {
    while ((sorted[from] ?? 0) <= time - window) from++
    most = Math.max(most, to - from + 1)
  }
  return most
}

const answering = (rateLimit: RateLimiting.Input) =>
  stub.service(({ operation }) => ({ body: proper[operation] }), { rateLimit })

const invite = (n: number) => ({ emailAddress: `person${n}@example.com` })

const timesOf = (seen: ReadonlyArray<stub.Seen>, operation: string) =>
  seen.filter((request) => request.operation === operation).map(({ at }) => at)

describe("a sliding window", () => {
  it.effect.prop(
    "never holds more than the limit, whatever the pattern of arrivals, and whoever gives up",
    [
      FastCheck.integer({ min: 1, max: 6 }),
      FastCheck.array(
        FastCheck.record({
          after: FastCheck.oneof(FastCheck.constant(0), FastCheck.integer({ min: 1, max: hour })),
          patience: FastCheck.oneof(FastCheck.constant(Infinity), FastCheck.integer({ min: 0, max: 2 * hour }))
        }),
        { minLength: 1, maxLength: 25 }
      )
    ],
    ([limit, arrivals]) =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* answering({ limits: perHour(limit) })
        yield* driveStub(
          Effect.forEach(arrivals, ({ after, patience }, n) =>
            Effect.zipRight(
              Effect.sleep(after),
              Effect.forkScoped(
                invitations.create(invite(n)).pipe(
                  n % 2 === 0
                    ? RateLimiting.locally({ maxWait: patience })
                    : Effect.timeoutTo({
                      duration: Math.min(patience, 50 * hour),
                      onSuccess: () => undefined,
                      onTimeout: () => undefined
                    }),
                  Effect.exit
                )
              )
            )).pipe(
              Effect.flatMap((fibers) => Fiber.joinAll(fibers)),
              Effect.scoped
            )
        )
        assert.isAtMost(busiest(timesOf(seen, "create"), hour), limit)
        assert.strictEqual(
          seen.length >= arrivals.filter(({ patience }) => patience === Infinity).length,
          true
        )
      }),
    { fastCheck: { numRuns: 15 } }
  )
})
