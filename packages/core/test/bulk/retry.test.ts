import type { TransientError } from "@effect-clerk/core/InvitationError"
import { ConnectionError, RateLimited, Timeout } from "@effect-clerk/core/InvitationError"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Deferred, Duration, Effect, Fiber, Option, Random, Schedule, TestClock } from "effect"
import { retryTransient } from "../../src/internal/bulk/retry.js"
import { serverError } from "../utils.js"
import { rejection, tooMany } from "./fixtures.js"

/** The seconds at which a call was sent that fails with `failures` in turn, then succeeds. */
const sentAt = (
  failures: ReadonlyArray<TransientError>,
  policy?: Schedule.Schedule<unknown, TransientError>
) =>
  Effect.gen(function*() {
    const times: Array<number> = []
    const call = Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const failure = failures[times.length]
      times.push(now / 1000)
      return failure === undefined ? Effect.void : Effect.fail(failure)
    })
    const fiber = yield* Effect.either(retryTransient(policy)(call)).pipe(
      // No jitter.
      Effect.withRandom(Random.fixed([0.5])),
      Effect.fork
    )
    yield* TestClock.adjust("2 days")
    yield* Fiber.join(fiber)
    return times
  })

describe("retryTransient", () => {
  it.effect("by default waits from 1 second to 5 minutes, and retries 23 times", () =>
    Effect.gen(function*() {
      const delays = [...Array.from({ length: 9 }, (_, n) => 2 ** n), ...Array.from({ length: 14 }, () => 300)]
      const expected = delays.reduce<ReadonlyArray<number>>((times, delay) => [...times, (times.at(-1) ?? 0) + delay], [
        0
      ])
      assert.deepStrictEqual(yield* sentAt(Array.from({ length: 30 }, () => serverError)), expected)
    }))

  it.effect("waits for the response's Retry-After, at most 2 hours, and at least the delay of the schedule", () =>
    Effect.gen(function*() {
      const policy = Schedule.intersect(Schedule.spaced("10 seconds"), Schedule.recurs(9))
      const failures = [
        tooMany(Option.some(Duration.minutes(1))),
        tooMany(Option.some(Duration.seconds(3))),
        tooMany(Option.none()),
        new RateLimited({ operation: "create", reason: "maxWait", retryAfter: Option.some(Duration.hours(3)) }),
        new ConnectionError({ operation: "create", reason: "Refused", code: Option.none() })
      ]
      assert.deepStrictEqual(yield* sentAt(failures, policy), [0, 60, 70, 80, 80 + 7200, 90 + 7200])
    }))

  it.effect("gives the schedule each error", () =>
    Effect.gen(function*() {
      const policy = Schedule.recurWhile<TransientError>((error) => error._tag === "TooManyRequests")
      assert.lengthOf(yield* sentAt([tooMany(Option.none()), serverError, serverError], policy), 2)
    }))

  it.effect("returns the last error when the schedule ends", () =>
    Effect.gen(function*() {
      const timeout = new Timeout({ operation: "create", limit: "total", duration: Duration.seconds(1) })
      assert.strictEqual(yield* Effect.flip(retryTransient(Schedule.recurs(2))(Effect.fail(timeout))), timeout)
    }))

  it.effect("does not retry other errors, and returns the result", () =>
    Effect.gen(function*() {
      let calls = 0
      const error = rejection("create")
      const failing = Effect.zipRight(Effect.sync(() => calls++), Effect.fail(error))
      assert.strictEqual(yield* Effect.flip(retryTransient()(failing)), error)
      assert.strictEqual(calls, 1)
      assert.strictEqual(yield* retryTransient()(Effect.succeed("created")), "created")
    }))

  it.effect("ends the wait with the error once the job has stopped", () =>
    Effect.gen(function*() {
      let calls = 0
      const stopped = yield* Deferred.make<undefined>()
      const failing = Effect.zipRight(Effect.sync(() => calls++), Effect.fail(serverError))
      const fiber = yield* Effect.fork(
        retryTransient(
          Schedule.spaced("1 second"),
          Effect.raceFirst(Effect.as(Deferred.await(stopped), false))
        )(failing)
      )
      yield* TestClock.adjust("1 second")
      assert.strictEqual(calls, 2)
      yield* Deferred.succeed(stopped, undefined)
      assert.strictEqual(yield* Effect.flip(Fiber.join(fiber)), serverError)
      assert.strictEqual(calls, 2)
    }))
})
