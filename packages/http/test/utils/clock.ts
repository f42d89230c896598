import { assert } from "@effect/vitest"
import { Chunk, Clock, Effect, Exit, Fiber, TestClock } from "effect"

const nextTurn = () =>
  new Promise<void>((resolve) => {
    setImmediate(resolve)
  })

/** Waits until the condition holds, for at most `most` turns of the event loop. */
const turnsUntil = (condition: () => boolean, most: number): Effect.Effect<void> =>
  Effect.promise(async () => {
    for (let turns = 0; turns < most && !condition(); turns++) await nextTurn()
  })

/**
 * Waits for `count` turns of the event loop, in which other fibers and the sockets make progress. The clock does not move.
 */
export const eventLoopTurns = (count: number): Effect.Effect<void> => turnsUntil(() => false, count)

// On Node, a request over the loopback interface takes about a tenth of these turns. Turns of Bun and Deno are shorter: on a busy
// machine, 40 of them were over before a request had arrived.
const turnsUntilNetworkIdle = "Bun" in globalThis || "Deno" in globalThis ? 120 : 40

/** Waits until all bytes in flight over the loopback interface have arrived. The clock does not move. */
export const networkIdle: Effect.Effect<void> = eventLoopTurns(turnsUntilNetworkIdle)

/** Advances the clock to the end of the shortest sleep. Does nothing if no fiber sleeps. */
const advanceToNextWakeUp: Effect.Effect<void> = Effect.flatMap(
  TestClock.sleeps(),
  (sleeps) => Chunk.isNonEmpty(sleeps) ? TestClock.setTime(Math.min(...sleeps)) : Effect.void
)

/**
 * Advances the clock from one wake-up to the next until the fiber is done. Before each step it waits for `turnsBetween`
 * turns of the event loop, by default until the network is idle.
 */
export const advanceUntilDone = <A, E>(
  fiber: Fiber.RuntimeFiber<A, E>,
  turnsBetween = turnsUntilNetworkIdle
): Effect.Effect<void> =>
  Effect.gen(function*() {
    const isDone = () => fiber.unsafePoll() !== null
    yield* turnsUntil(isDone, turnsBetween)
    while (!isDone()) {
      yield* advanceToNextWakeUp
      yield* turnsUntil(isDone, turnsBetween)
    }
  })

const run = <A, E, R>(effect: Effect.Effect<A, E, R>, turnsBetween?: number): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    yield* advanceUntilDone(fiber, turnsBetween)
    return yield* Fiber.join(fiber)
  })

/**
 * Runs an effect that uses the network, and advances the clock whenever the effect waits for it.
 */
export const runWithClock = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => run(effect)

/** How many turns of the event loop a call of the service over a stub takes at most between two waits. */
export const stubTurns = 5

/**
 * Runs an effect that uses a stub instead of the network, and advances the clock whenever the effect waits for it.
 */
export const runStubWithClock = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  run(effect, stubTurns)

/**
 * Waits until the condition holds, while the test clock stands still. Dies if the condition does not hold after ten seconds
 * of real time.
 */
export const waitUntil = (description: string, condition: () => boolean): Effect.Effect<void> =>
  Effect.zipRight(
    Effect.promise(async () => {
      const giveUpAt = performance.now() + 10_000
      while (!condition() && performance.now() < giveUpAt) await nextTurn()
    }),
    Effect.suspend(() => condition() ? Effect.void : Effect.dieMessage(`waited in vain until ${description}`))
  )

/** Interrupts a fiber, and asserts that the fiber ends while the clock stands still. */
export const interruptAtOnce = <A, E>(fiber: Fiber.RuntimeFiber<A, E>): Effect.Effect<void> =>
  Effect.gen(function*() {
    const before = yield* Clock.currentTimeMillis
    const exit = yield* Fiber.interrupt(fiber)
    assert.isTrue(Exit.isInterrupted(exit))
    assert.strictEqual(yield* Clock.currentTimeMillis, before)
  })
