import { quotasOf } from "@effect-clerk/core/RateLimits"
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Deferred, Duration, Effect, Exit, FastCheck, Fiber, TestClock } from "effect"
import * as Monotonic from "../../src/internal/client/monotonic.js"
import type { Admission } from "../../src/internal/limiter/admission.js"
import { quotaSettings } from "../../src/internal/limiter/admission.js"
import * as MemoryAdmission from "../../src/internal/limiter/memoryAdmission.js"
import { runStubWithClock } from "../utils/clock.js"
import { busiest, second } from "../utils/limits.js"

type Kind = "create" | "createBulk" | "list"

interface Quotas {
  readonly create: readonly [limit: number, seconds: number]
  readonly all: readonly [limit: number, seconds: number]
}

const settingsOf = ({ all, create }: Quotas) => {
  const quota = ([limit, seconds]: readonly [number, number]) =>
    quotaSettings({ limit, window: Duration.seconds(seconds) }, 1000)
  return { all: quota(all), create: quota(create), createBulk: quota([100, 1]) }
}

/** An admission, and the time of each call that it admitted. */
const recording = (quotas: Quotas) => {
  const settings = settingsOf(quotas)
  const admission: Admission = MemoryAdmission.make(settings)
  const admitted: Array<readonly [Kind, at: number]> = []
  const acquire = (kind: Kind) =>
    Effect.flatMap(
      admission.acquire(kind, Infinity, () => Effect.void),
      (call) =>
        Effect.map(Monotonic.millis, (at) => {
          admitted.push([kind, at])
          return call
        })
    )
  const timesIn = (quota: "all" | "create"): ReadonlyArray<number> =>
    admitted.flatMap(([kind, at]) => quotasOf(kind).includes(quota) ? [at] : [])
  return { acquire, admission, admitted, settings, timesIn }
}

const assertWithinLimits = ({ settings, timesIn }: ReturnType<typeof recording>): void => {
  for (const quota of ["all", "create"] as const) {
    assert.isAtMost(busiest(timesIn(quota), settings[quota].window), settings[quota].limit)
  }
}

const quota = FastCheck.tuple(FastCheck.integer({ min: 1, max: 10 }), FastCheck.integer({ min: 1, max: 60 }))

const quotas: FastCheck.Arbitrary<Quotas> = FastCheck.record({ create: quota, all: quota })

describe("the admission of calls that count against two quotas", () => {
  it.effect.prop(
    "admits each of equal calls at the earliest time that both quotas allow",
    [quotas],
    ([quotas]) =>
      Effect.gen(function*() {
        const run = recording(quotas)
        const { all, create } = run.settings
        yield* runStubWithClock(Effect.forEach(Arr.range(1, 25), () => run.acquire("create"), {
          concurrency: "unbounded",
          discard: true
        }))
        const earliest: Array<number> = []
        for (let n = 0; n < 25; n++) {
          const after = ({ limit, window }: typeof all): number => {
            const earlier = earliest[n - limit]
            return earlier === undefined ? 0 : earlier + window
          }
          earliest.push(Math.max(after(all), after(create)))
        }
        assert.deepStrictEqual(run.timesIn("create"), earliest)
      }),
    { fastCheck: { numRuns: 10 } }
  )

  it.effect.prop(
    "admits as many calls as the quota of all calls allows, if calls of both kinds always wait",
    [quotas, FastCheck.integer({ min: 3, max: 8 })],
    ([quotas, rounds]) =>
      Effect.gen(function*() {
        const run = recording(quotas)
        const { all } = run.settings
        const horizon = rounds * all.window - 1
        // More callers than calls in one window, so that a call of each kind waits at any time.
        const callers = Arr.range(0, 21).map((n) => Effect.forever(run.acquire(n % 2 === 0 ? "create" : "list")))
        yield* runStubWithClock(
          Effect.timeoutOption(Effect.all(callers, { concurrency: "unbounded", discard: true }), horizon)
        )
        assertWithinLimits(run)
        assert.isAtLeast(run.admitted.length, 0.95 * rounds * all.limit)
      }),
    { fastCheck: { numRuns: 12 } }
  )

  it.effect("admits 60 calls within the time that their quotas require", () =>
    Effect.gen(function*() {
      const run = recording({ create: [3, 30], all: [4, 30] })
      const kinds = Arr.range(1, 60).map((n): Kind => n % 2 === 0 ? "create" : "list")
      yield* runStubWithClock(Effect.forEach(kinds, run.acquire, { concurrency: "unbounded", discard: true }))
      assertWithinLimits(run)
      assert.strictEqual(Math.max(...run.timesIn("all")), 14 * 33 * second)
    }))

  const arrivals = FastCheck.array(
    FastCheck.record({
      kind: FastCheck.constantFrom<Kind>("create", "list"),
      after: FastCheck.integer({ min: 0, max: 20 * second }),
      interruptedAfter: FastCheck.option(FastCheck.integer({ min: 0, max: 60 * second }))
    }),
    { minLength: 1, maxLength: 25 }
  )

  it.effect.prop(
    "never exceeds a limit, and loses no call, whenever calls arrive or are interrupted",
    [quotas, arrivals],
    ([quotas, arrivals]) =>
      Effect.gen(function*() {
        const run = recording(quotas)
        const exits = yield* runStubWithClock(
          Effect.forEach(arrivals, ({ after, interruptedAfter, kind }) => {
            const call = run.acquire(kind)
            const limited = interruptedAfter === null ? call : Effect.timeout(call, interruptedAfter)
            return Effect.zipRight(Effect.sleep(after), Effect.fork(Effect.exit(limited)))
          }).pipe(Effect.flatMap((fibers) => Fiber.joinAll(fibers)))
        )
        assertWithinLimits(run)
        for (const [n, { interruptedAfter }] of arrivals.entries()) {
          const exit = exits[n]
          if (interruptedAfter === null) assert.isTrue(exit !== undefined && Exit.isSuccess(exit))
        }
      }),
    { fastCheck: { numRuns: 15 } }
  )
})

describe("the admission of calls in memory", () => {
  it.effect("does not count a call that is released", () =>
    Effect.gen(function*() {
      const { acquire } = recording({ create: [1, 3600], all: [1, 3600] })
      const first = yield* acquire("create")
      first.release()
      yield* acquire("create")
    }))

  it.effect("does not count a call that is interrupted as it is admitted", () =>
    Effect.gen(function*() {
      const run = recording({ create: [1, 10], all: [2, 10] })
      yield* run.acquire("create")
      const waits = yield* Deferred.make<true>()
      const onWait = () => Effect.zipRight(Deferred.succeed(waits, true), Effect.never)
      const interrupted = yield* Effect.fork(run.admission.acquire("create", Infinity, onWait))
      yield* Deferred.await(waits)
      yield* TestClock.adjust("11 seconds")
      // The list admits the create too, which is interrupted before it returns.
      yield* run.acquire("list")
      yield* Fiber.interrupt(interrupted)
      yield* run.acquire("create")
      assert.deepStrictEqual(run.timesIn("create"), [0, 11 * second])
    }))

  it.effect("lets a list overtake a create that waits for the quota of creates", () =>
    Effect.gen(function*() {
      const run = recording({ create: [1, 3600], all: [5, 10] })
      yield* run.acquire("create")
      const waiting = yield* Effect.fork(run.acquire("create"))
      yield* Effect.yieldNow()
      yield* run.acquire("list")
      assert.deepStrictEqual(run.admitted.map(([kind]) => kind), ["create", "list"])
      yield* Fiber.interrupt(waiting)
    }))

  it.effect("fails at once if the call is due after `end`, counting the calls that wait", () =>
    Effect.gen(function*() {
      const { acquire, admission } = recording({ create: [2, 10], all: [100, 1] })
      const waiting = yield* Effect.forkAll(Arr.range(1, 5).map(() => acquire("create")))
      yield* Effect.yieldNow()
      // Two were admitted, two are due after one window, one after two.
      const due = (end: number) => Effect.flip(admission.acquire("create", end, () => Effect.void))
      const error = yield* due(15 * second)
      assert.strictEqual(error._tag === "WaitTooLong" && error.millis, 22 * second)
      yield* Fiber.interrupt(waiting)
    }))

  it.effect("does not reject a call because of calls that wait for another quota", () =>
    Effect.gen(function*() {
      const { admission } = recording({ all: [100, 10], create: [100, 3600] })
      const acquire = (kind: Kind, wait: number) =>
        Effect.flatMap(Monotonic.millis, (now) => admission.acquire(kind, now + wait, () => Effect.void))
      yield* Effect.fork(
        Effect.forEach(Arr.range(1, 600), () => acquire("create", Infinity), { concurrency: "unbounded" })
      )
      yield* TestClock.adjust("20 seconds")
      yield* Effect.forEach(Arr.range(1, 100), () => acquire("list", 0))
      const list = yield* Effect.fork(acquire("list", 60 * second))
      yield* TestClock.adjust("12 seconds")
      assert.isTrue(Exit.isSuccess(yield* Fiber.await(list)))
    }))

  it.effect("a pause fails the calls that would wait too long, and no others", () =>
    Effect.gen(function*() {
      const { admission } = recording({ all: [1, 60], create: [1, 60] })
      const acquire = (end: number) => Effect.fork(Effect.exit(admission.acquire("list", end, () => Effect.void)))
      yield* Fiber.join(yield* acquire(0))
      const [, patient, impatient] = [yield* acquire(Infinity), yield* acquire(1e9), yield* acquire(300 * second)]
      yield* TestClock.adjust("1 second")
      yield* admission.pause("all", 600 * second)
      yield* Effect.yieldNow()
      yield* TestClock.adjust(0)
      assert.isTrue(Exit.isFailure(yield* Fiber.join(impatient)))
      assert.isNull(patient.unsafePoll())
    }))
})
