import { ConnectionError, TooManyRequests } from "@effect-clerk/core/InvitationError"
import * as RetryPolicy from "@effect-clerk/http/RetryPolicy"
import * as Timeouts from "@effect-clerk/http/Timeouts"
import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Clock, Duration, Effect, Fiber, identity, Option, Redacted, TestClock } from "effect"
import type { CallContext } from "../../src/internal/call/context.js"
import * as Permits from "../../src/internal/call/permits.js"
import type { RetryBudget } from "../../src/internal/call/retryBudget.js"
import { unlimited } from "../../src/internal/call/retryBudget.js"
import type { AttemptFailure, Disposition } from "../../src/internal/client/attemptFailure.js"
import { attemptFailure } from "../../src/internal/client/attemptFailure.js"
import { ReservationExpired } from "../../src/internal/limiter/admission.js"
import type { Limiter } from "../../src/internal/limiter/limiter.js"
import * as LookUp from "../../src/internal/write/lookUp.js"

const listing: LookUp.Listing = { data: [], serverTime: Option.none(), receivedAt: { monotonic: 0, wall: 0 } }

const context: CallContext = {
  secretKey: Redacted.make("sk_test_key"),
  policy: Effect.runSync(RetryPolicy.make()),
  timeouts: Effect.runSync(Timeouts.make()),
  now: () => 0,
  moment: () => ({ monotonic: 0, wall: 0 }),
  remaining: () => 0,
  extend: () => {}
}

const lost = (disposition: Disposition) =>
  attemptFailure(disposition, new ConnectionError({ operation: "list", reason: "Lost", code: Option.none() }))

const throttled = (retryAfter: Option.Option<Duration.Duration>) =>
  attemptFailure(
    "Throttled",
    new TooManyRequests({ operation: "list", status: 429, errors: [], traceId: Option.none(), retryAfter }),
    retryAfter
  )

/** Runs a look-up whose requests fail with `failures` in turn, then succeed. Returns its result and the calls. */
const run = (
  failures: ReadonlyArray<AttemptFailure>,
  { limited = false, retryBudget = unlimited }: { readonly limited?: boolean; readonly retryBudget?: RetryBudget } = {}
) =>
  Effect.gen(function*() {
    const calls: Array<string> = []
    let count = 0
    const limiter: Limiter = {
      admit: (operation, send) =>
        Effect.catchAll(
          Effect.suspend(() => {
            calls.push(`admit ${operation}`)
            return send(Effect.void, 0)
          }),
          (error) => error instanceof ReservationExpired ? Effect.die(error) : Effect.fail(error)
        ),
      onTooManyRequests: (operation, millis) =>
        Effect.sync(() => {
          calls.push(`${operation} may be sent after ${millis} ms`)
          return true
        }),
      withReservation: () => identity,
      withRequiredReservation: () => identity,
      waitedMillis: Effect.succeed(0),
      maxWait: Effect.succeed(0)
    }
    const lookUpFor = LookUp.make(
      ({ secretKey }) => ({ query }) =>
        Effect.suspend(() => {
          const failure = failures[count++]
          assert.strictEqual(secretKey, context.secretKey)
          calls.push(`list ${query}`)
          return failure === undefined ? Effect.succeed(listing) : Effect.fail(failure)
        }),
      { limiter: limited ? limiter : undefined, permits: Permits.make(1), retryBudget }
    )
    const result = yield* Effect.either(lookUpFor(context)({ query: "inv_1" }))
    return [result._tag, calls] as const
  })

describe("a look-up", () => {
  it.effect("is retried once if it was not sent, or if its outcome is unknown", () =>
    Effect.gen(function*() {
      deepStrictEqual(yield* run([]), ["Right", ["list inv_1"]])
      for (const disposition of ["NotSent", "Unknown"] as const) {
        const failure = lost(disposition)
        deepStrictEqual(yield* run([failure]), ["Right", ["list inv_1", "list inv_1"]])
        deepStrictEqual(yield* run([failure, failure]), ["Left", ["list inv_1", "list inv_1"]])
      }
    }))

  it.effect("is not retried if it was rejected, or if the retry budget is empty", () =>
    Effect.gen(function*() {
      for (const disposition of ["Throttled", "Rejected"] as const) {
        deepStrictEqual(yield* run([lost(disposition)]), ["Left", ["list inv_1"]])
      }
      const retryBudget = { ...unlimited, withdraw: () => false }
      deepStrictEqual(yield* run([lost("Unknown")], { retryBudget }), ["Left", ["list inv_1"]])
    }))

  it.effect("waits for the client-side rate limits, and reports a 429 to them", () =>
    Effect.gen(function*() {
      const sent = ["admit list", "list inv_1"]
      deepStrictEqual(yield* run([], { limited: true }), ["Right", sent])
      deepStrictEqual(yield* run([lost("Unknown")], { limited: true }), ["Right", [...sent, ...sent]])
      deepStrictEqual(yield* run([throttled(Option.some(Duration.seconds(3)))], { limited: true }), [
        "Left",
        [...sent, "list may be sent after 3000 ms"]
      ])
      deepStrictEqual(yield* run([throttled(Option.none())], { limited: true }), [
        "Left",
        [...sent, "list may be sent after 0 ms"]
      ])
    }))
})

describe("poll", () => {
  /** The seconds at which the effect ran, and the last value: how often it ran. */
  const poll = (millis: number, until: (n: number) => boolean) =>
    Effect.gen(function*() {
      const times: Array<number> = []
      const self = Effect.map(Clock.currentTimeMillis, (now) => times.push(now / 1000))
      const fiber = yield* Effect.fork(LookUp.poll(self, millis, until))
      yield* TestClock.adjust("1 minute")
      return [times, yield* Fiber.join(fiber)] as const
    })

  it.effect("runs five times at most, within the time", () =>
    Effect.gen(function*() {
      deepStrictEqual(yield* poll(16_000, () => false), [[0, 1, 3, 7, 15], 5])
    }))

  it.effect("ends with the first value that satisfies the condition", () =>
    Effect.gen(function*() {
      deepStrictEqual(yield* poll(16_000, (n) => n === 3), [[0, 1, 3], 3])
    }))

  it.effect("runs once without time", () =>
    Effect.gen(function*() {
      deepStrictEqual(yield* poll(0, () => false), [[0], 1])
    }))
})
