import { Chunk, Effect, Fiber, TestClock } from "effect"
import type { Traffic } from "./inProcess.js"

const turn: Effect.Effect<void> = Effect.promise(() =>
  new Promise<void>((resolve) => {
    setImmediate(resolve)
  })
)

// After this many turns of the event loop without traffic, all fibers are assumed to wait for the clock.
const patience = 4

const untilQuiet = (traffic: Traffic, isDone: () => boolean): Effect.Effect<void> =>
  Effect.gen(function*() {
    let seen = -1
    for (let quiet = 0; quiet < patience && !isDone();) {
      yield* turn
      quiet = traffic.open === 0 && traffic.count === seen ? quiet + 1 : 0
      seen = traffic.count
    }
  })

/**
 * Runs an effect to its end without real waiting: whenever all fibers wait, the clock jumps to the end of the earliest sleep.
 */
export const inNoTime = <A, E, R>(effect: Effect.Effect<A, E, R>, traffic: Traffic): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    const isDone = () => fiber.unsafePoll() !== null
    yield* untilQuiet(traffic, isDone)
    while (!isDone()) {
      const sleeps = yield* TestClock.sleeps()
      if (Chunk.isNonEmpty(sleeps)) yield* TestClock.setTime(Math.min(...sleeps))
      yield* untilQuiet(traffic, isDone)
    }
    return yield* Fiber.join(fiber)
  })
