import { InviteOutcome, InviteProgress, RateLimits } from "@effect-clerk/core"
import { assert, describe, it } from "@effect/vitest"
import { assertSome } from "@effect/vitest/utils"
import { Chunk, DateTime, Duration, Effect, FastCheck as fc, Option, Schedule, Stream, TestClock } from "effect"
import { makeInvitation } from "./utils.js"

const hour = 60 * 60 * 1000

const limits = RateLimits.production

const created = (position: number): InviteOutcome.InviteOutcome =>
  InviteOutcome.Created({
    input: { emailAddress: "ada@example.com" },
    emailAddress: "ada@example.com",
    position,
    replaced: [],
    invitation: makeInvitation(position)
  })

const repeated = (position: number): InviteOutcome.InviteOutcome =>
  InviteOutcome.Repeated({ input: { emailAddress: "" }, emailAddress: "", position, firstPosition: 0 })

describe("InviteProgress.estimate", () => {
  it("is 28 hours for 10,000 invitations under the published limits, and 39 without singles", () => {
    assert.strictEqual(Duration.toHours(InviteProgress.estimate({ count: 10_000, limits })), 28)
    assert.strictEqual(
      Duration.toHours(InviteProgress.estimate({ count: 10_000, limits, useSingleCreates: false })),
      39
    )
  })

  it("is zero for a count that the limits allow at once", () => {
    assert.strictEqual(Duration.toMillis(InviteProgress.estimate({ count: 0, limits, sent: 350 })), 0)
    assert.strictEqual(Duration.toMillis(InviteProgress.estimate({ count: 350, limits })), 0)
    assert.strictEqual(Duration.toMillis(InviteProgress.estimate({ count: 351, limits })), hour)
    assert.strictEqual(Duration.toMillis(InviteProgress.estimate({ count: 1, limits, sent: 350 })), hour)
  })

  it("is infinite if the limits allow nothing", () => {
    const nothing = { limit: 0, window: Duration.hours(1) }
    assert.strictEqual(
      InviteProgress.estimate({ count: 1, limits: { create: nothing, createBulk: nothing } }),
      Duration.infinity
    )
  })

  it("is the first minute at which the windows have allowed the count", () => {
    fc.assert(fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.record({ limit: fc.integer({ min: 1, max: 50 }), minutes: fc.integer({ min: 1, max: 90 }) }),
      fc.record({ limit: fc.integer({ min: 0, max: 9 }), minutes: fc.integer({ min: 1, max: 90 }) }),
      (count, single, bulk) => {
        // Counts what the windows have allowed, minute by minute.
        let allowed = 0
        let minute = -1
        while (allowed < count) {
          minute++
          if (minute % single.minutes === 0) allowed += single.limit
          if (minute % bulk.minutes === 0) allowed += 10 * bulk.limit
        }
        const best = InviteProgress.estimate({
          count,
          limits: {
            create: { limit: single.limit, window: Duration.minutes(single.minutes) },
            createBulk: { limit: bulk.limit, window: Duration.minutes(bulk.minutes) }
          }
        })
        assert.strictEqual(Duration.toMinutes(best), minute)
      }
    ))
  })
})

describe("InviteProgress.track", () => {
  it.effect("counts outcomes, and estimates the end from the average rate without limits", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(0)
      const stream = Stream.make(created(0), repeated(1), created(2)).pipe(Stream.schedule(Schedule.spaced("1 minute")))
      const fiber = yield* Effect.fork(Stream.runCollect(InviteProgress.track(stream, { total: 6 })))
      yield* TestClock.adjust("10 minutes")
      const last = Option.getOrThrow(Chunk.last(yield* fiber))[1]
      assert.strictEqual(last.done, 3)
      assert.deepStrictEqual(last.byKind, {
        Created: 2,
        AlreadyInvited: 0,
        UserExists: 0,
        Rejected: 0,
        Unknown: 0,
        NotAttempted: 0,
        Repeated: 1
      })
      const elapsed = Duration.toMillis(last.elapsed)
      assert.isTrue(elapsed > 0)
      assert.strictEqual(last.ratePerHour, 3 * hour / elapsed)
      assertSome(last.remaining, 3)
      assertSome(Option.map(last.estimatedEnd, DateTime.toEpochMillis), 2 * elapsed)
    }))

  it.effect("estimates the end from the remaining quota with limits", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(0)
      const stream = Stream.range(1, 350).pipe(Stream.map(created))
      const steps = Array.from(
        yield* Stream.runCollect(stream.pipe(InviteProgress.track({ total: 700, limits }))),
        ([, progress]) => Option.getOrThrow(Option.map(progress.estimatedEnd, DateTime.toEpochMillis))
      )
      // The quota allows 350 at once; the other 350 take an hour.
      assert.strictEqual(steps[0], hour)
      assert.strictEqual(steps[349], hour)
    }))

  it.effect("has no estimate without a total", () =>
    Effect.gen(function*() {
      const [first] = yield* Stream.runCollect(InviteProgress.track(Stream.make(created(0))))
      assert.strictEqual(first?.[1].estimatedEnd._tag, "None")
      assert.strictEqual(first?.[1].remaining._tag, "None")
      assert.strictEqual(first?.[1].ratePerHour, 0)
    }))
})
