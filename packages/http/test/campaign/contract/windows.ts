import { assert, it } from "@effect/vitest"
import { Effect, FastCheck } from "effect"
import { busiest } from "../../utils/limits.js"
import type { MakeStore } from "./fixture.js"
import { duration, makeFixture } from "./fixture.js"

const window = 1000

const timeout = 300

const steps = FastCheck.array(
  FastCheck.record({
    after: FastCheck.oneof(FastCheck.constant(0), FastCheck.integer({ min: 1, max: window })),
    amount: FastCheck.integer({ min: 1, max: 2 }),
    campaign: FastCheck.constantFrom<["one", "two"]>("one", "two"),
    // After how long the call is answered; null if no answer is stored.
    answer: FastCheck.option(FastCheck.integer({ min: 0, max: timeout })),
    // When the server counts the call, between the booking and the answer.
    counted: FastCheck.double({ min: 0, max: 1, noNaN: true })
  }),
  { minLength: 1, maxLength: 25 }
)

/** Declares the property that no window has more calls than the limit. */
export const windows = (makeStore: MakeStore): void =>
  it.scoped.prop(
    "never have more calls than the limit, whenever calls are booked, answered and counted by the server",
    [FastCheck.integer({ min: 2, max: 5 }), steps],
    ([limit, steps]) =>
      Effect.gen(function*() {
        const { acquire, advance, start, store } = yield* makeFixture(makeStore)
        for (const id of ["one", "two"]) yield* start(1, id)
        const leases = { one: yield* acquire("one"), two: yield* acquire("two") }
        const quota = { name: "calls", limit, window }
        const times: Array<number> = []
        let answers: ReadonlyArray<{ readonly at: number; readonly calls: ReadonlyArray<number> }> = []
        let now = yield* store.now

        // Answers are stored at their times, which lie between two bookings.
        const advanceTo = (time: number) =>
          Effect.gen(function*() {
            const due = answers.filter(({ at }) => at <= time).sort((one, other) => one.at - other.at)
            answers = answers.filter(({ at }) => at > time)
            for (const { at, calls } of due) {
              yield* advance(at - now)
              now = at
              yield* store.settle(leases.one, { from: "sending", settlements: [], answered: calls })
            }
            yield* advance(time - now)
            now = time
          })

        for (const { after, amount, answer, campaign, counted } of steps) {
          yield* advanceTo(now + after)
          const booked = yield* store.book(leases[campaign], {
            duration,
            timeout,
            bookings: [{ quota, amount }]
          })
          if (booked._tag === "Full") {
            assert.isAbove(booked.until, now)
            // The next step is at a time at which calls are free.
            yield* advanceTo(booked.until)
            assert.isAtLeast((yield* store.room(quota)).free, amount)
            continue
          }
          const counting = now + Math.floor(counted * (answer ?? timeout))
          for (let n = 0; n < amount; n++) times.push(counting)
          if (answer !== null) answers = [...answers, { at: now + answer, calls: booked.calls }]
        }
        assert.isAtMost(busiest(times, window), limit)
      }),
    { fastCheck: { numRuns: 40 } }
  )
