import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck, Random } from "effect"
import { listOverStub } from "../utils/stubbedCalls.js"

const unavailable = () => ({ status: 503 })

describe("backoff", () => {
  it.effect.prop(
    "is between `minBackoff` and a bound that doubles with every retry up to `maxBackoff`",
    {
      seed: FastCheck.integer(),
      min: FastCheck.integer({ min: 1, max: 500 }),
      factor: FastCheck.constantFrom(1, 2, 3, 20)
    },
    ({ factor, min, seed }) =>
      Effect.gen(function*() {
        const max = min * factor
        const { delays } = yield* listOverStub(unavailable, {
          retry: { attempts: 5, minBackoff: min, maxBackoff: max }
        }).pipe(Effect.withRandom(Random.make(seed)))
        assert.lengthOf(delays, 4)
        for (const [n, delay] of delays.entries()) {
          assert.isAtLeast(delay, min)
          assert.isAtMost(delay, Math.min(max, min * 2 ** (n + 1)))
        }
      }),
    { fastCheck: { numRuns: 25 } }
  )

  it.effect("has a bound that doubles from 200 milliseconds with a `minBackoff` of 0", () =>
    Effect.gen(function*() {
      for (const [retry, bound] of [400, 800, 1600].entries()) {
        const observed: Array<number> = []
        for (let seed = 0; seed < 20; seed++) {
          const { delays } = yield* listOverStub(unavailable, { retry: { attempts: 4, minBackoff: 0 } }).pipe(
            Effect.withRandom(Random.make(seed))
          )
          observed.push(delays[retry] ?? NaN)
        }
        const longest = Math.max(...observed)
        assert.isAbove(longest, bound / 2)
        assert.isAtMost(longest, bound)
      }
    }))

  it.effect("is spread over its whole range, before the first retry too", () =>
    Effect.gen(function*() {
      const firstDelays: Array<number> = []
      for (let seed = 0; seed < 30; seed++) {
        const { delays } = yield* listOverStub(unavailable, { retry: { attempts: 2 } }).pipe(
          Effect.withRandom(Random.make(seed))
        )
        firstDelays.push(...delays)
      }
      assert.lengthOf(firstDelays, 30)
      assert.isAbove(new Set(firstDelays).size, 25)
      assert.isAbove(firstDelays.filter((delay) => delay < 250).length, 1)
      assert.isAbove(firstDelays.filter((delay) => delay > 350).length, 1)
    }))

  it.effect("is a whole number of milliseconds, which every timer can represent", () =>
    Effect.gen(function*() {
      const { delays } = yield* listOverStub(unavailable).pipe(Effect.withRandom(Random.make(1)))
      assert.deepStrictEqual(delays.filter((delay) => !Number.isInteger(delay)), [])
    }))

  it.effect("comes from Effect's `Random`: the same seed gives the same delays", () =>
    Effect.gen(function*() {
      const run = Effect.suspend(() => listOverStub(unavailable).pipe(Effect.withRandom(Random.make("seed"))))
      const first = (yield* run).delays
      const second = (yield* run).delays
      assert.deepStrictEqual(first.map(Math.round), second.map(Math.round))
    }))
})
