import { Chunk, Effect, Fiber, TestClock } from "effect"

const immediate = () =>
  new Promise<void>((resolve) => {
    setImmediate(resolve)
  })

/** Lets the event loop turn, so that sockets make progress: so many times at most, and until this holds. */
const turnUntil = (holds: () => boolean, most: number): Effect.Effect<void> =>
  Effect.promise(async () => {
    for (let turns = 0; turns < most && !holds(); turns++) await immediate()
  })

/** One turn of the event loop. */
export const turn: Effect.Effect<void> = Effect.promise(immediate)

// What a request over the loopback takes is about a tenth of this.
const patience = 40

/** So many turns that whatever is on its way over the loopback has arrived. */
export const quiet: Effect.Effect<void> = turnUntil(() => false, patience)

/**
 * Moves the clock to the next moment that somebody sleeps until, if there is one.
 */
const jump: Effect.Effect<void> = Effect.flatMap(
  TestClock.sleeps(),
  (sleeps) => Chunk.isNonEmpty(sleeps) ? TestClock.setTime(Math.min(...sleeps)) : Effect.void
)

/**
 * Lets the network and the clock run until the fiber is done: the clock moves only while the network is quiet, and only
 * from one moment that somebody sleeps until to the next.
 */
export const settle = <A, E>(fiber: Fiber.RuntimeFiber<A, E>, turnsBetween = patience): Effect.Effect<void> =>
  Effect.gen(function*() {
    const done = () => fiber.unsafePoll() !== null
    yield* turnUntil(done, turnsBetween)
    while (!done()) {
      yield* jump
      yield* turnUntil(done, turnsBetween)
    }
  })

/**
 * Runs an effect to its end, whatever it waits for: the network or the clock.
 */
export const drive = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    yield* settle(fiber)
    return yield* Fiber.join(fiber)
  })

/**
 * The same where there is no network, only a stub: the clock need not wait for it.
 */
export const driveStub = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    yield* settle(fiber, 5)
    return yield* Fiber.join(fiber)
  })

/**
 * Runs the network, and not the clock, until this holds.
 */
export const eventually = (what: string, holds: () => boolean): Effect.Effect<void> =>
  Effect.zipRight(
    turnUntil(holds, 5000),
    Effect.suspend(() => holds() ? Effect.void : Effect.dieMessage(`never came about: ${what}`))
  )
