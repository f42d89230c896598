import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber } from "effect"
import { runStubWithClock } from "../utils/clock.js"
import { answering, invite, limits, perHour, second, tokenAway } from "../utils/limits.js"
import { endOf, inMemory } from "./utils.js"

describe("the reservation queue", () => {
  it.effect("is FIFO across layers that share a store", () =>
    Effect.gen(function*() {
      const limiter = yield* inMemory
      const one = yield* answering({ limits: perHour(1), limiter })
      const other = yield* answering({ limits: perHour(1), limiter })
      const order: Array<number> = []
      yield* runStubWithClock(
        Effect.forEach(Array.from({ length: 8 }, (_, n) => n), (n) =>
          Effect.zipLeft(
            Effect.fork(Effect.tap((n % 3 === 0 ? one : other).invitations.create(invite(n)), () => order.push(n))),
            Effect.sleep("1 second")
          )).pipe(Effect.flatMap((fibers) => Fiber.joinAll(fibers)))
      )
      assert.deepStrictEqual(order, [0, 1, 2, 3, 4, 5, 6, 7])
    }))
})

describe("the queue of waiting calls", () => {
  for (const [name, store] of [["in memory", Effect.succeed(undefined)], ["over a store", inMemory]] as const) {
    it.effect(`moves up when a waiter is interrupted, ${name}`, () =>
      Effect.gen(function*() {
        const { invitations } = yield* answering({ limits: perHour(1), limiter: yield* store })
        const [firstEnd, secondEnd] = yield* runStubWithClock(Effect.gen(function*() {
          yield* invitations.create(invite(0))
          const interrupted = yield* Effect.fork(invitations.create(invite(1)))
          yield* Effect.sleep("1 second")
          const first = yield* Effect.fork(endOf(invitations.create(invite(2))))
          yield* Effect.sleep("1 second")
          const second = yield* Effect.fork(endOf(invitations.create(invite(3))))
          yield* Effect.sleep("1 second")
          yield* Fiber.interrupt(interrupted)
          return yield* Fiber.join(Fiber.zip(first, second))
        }))
        assert.strictEqual(firstEnd, tokenAway)
        assert.strictEqual(secondEnd, 2 * tokenAway)
      }))

    it.effect(`keeps the quota of a create that is interrupted while it waits for the quota of all calls, ${name}`, () =>
      Effect.gen(function*() {
        const { invitations } = yield* answering({
          limiter: yield* store,
          limits: limits({
            all: { limit: 1, window: Duration.seconds(10) },
            create: { limit: 1, window: Duration.hours(1) }
          })
        })
        const end = yield* runStubWithClock(Effect.gen(function*() {
          yield* invitations.list()
          const interrupted = yield* Effect.fork(invitations.create(invite(1)))
          yield* Effect.sleep("1 second")
          yield* Fiber.interrupt(interrupted)
          return yield* endOf(invitations.create(invite(2)))
        }))
        // Over a store the interrupted call leaves its create reservation, which is due at once, and a reservation of all calls.
        assert.isAtMost(end, 22 * second)
      }))
  }
})
