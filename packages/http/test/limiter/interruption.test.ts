import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber } from "effect"
import * as Limiter from "../../src/internal/limiter/limiter.js"
import { runStubWithClock } from "../utils/clock.js"
import { perHour } from "../utils/limits.js"
import { inMemory } from "./utils.js"

const makeLimiter = (isShared: boolean) =>
  Effect.flatMap(inMemory, (limiter) =>
    Limiter.make({
      limits: perHour(1),
      key: "test",
      attempt: Duration.seconds(10),
      ...(isShared ? { limiter } : {})
    }))

type Run = (limiter: Limiter.Limiter, hold: Effect.Effect<never>) => Effect.Effect<unknown, unknown>

const runs: ReadonlyArray<readonly [string, Run]> = [
  ["that has not claimed its quota", (limiter, hold) => limiter.admit("create", () => hold)],
  ["of a region with a reservation", (limiter, hold) => limiter.withReservation("create")(hold)]
]

// A fiber is interrupted where it yields. These numbers of operations between two yields find most places.
const opsBeforeYield = [24, 40, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83]

describe("an interrupted call", () => {
  for (const isShared of [false, true]) {
    for (const [what, run] of runs) {
      it.effect(`${what} does not count, wherever it is interrupted, ${isShared ? "over a store" : "in memory"}`, () =>
        Effect.gen(function*() {
          const lost: Array<readonly [ops: number, yields: number]> = []
          for (const ops of opsBeforeYield) {
            const held = { current: false }
            for (let yields = 0; !held.current; yields++) {
              const limiter = yield* makeLimiter(isShared)
              const hold = Effect.zipRight(
                Effect.sync(() => {
                  held.current = true
                }),
                Effect.never
              )
              const fiber = yield* Effect.fork(Effect.withMaxOpsBeforeYield(run(limiter, hold), ops))
              for (let n = 0; n < yields; n++) yield* Effect.yieldNow()
              yield* Fiber.interrupt(fiber)
              const before = yield* Clock.currentTimeMillis
              yield* runStubWithClock(limiter.admit("create", (claim) => claim))
              if ((yield* Clock.currentTimeMillis) > before) lost.push([ops, yields])
            }
          }
          assert.deepStrictEqual(lost, [])
        }))
    }
  }
})
