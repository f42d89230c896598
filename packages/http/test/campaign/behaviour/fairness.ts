import { CampaignConflict } from "@effect-clerk/http/InviteCampaignError"
import { assert } from "@effect/vitest"
import { assertNone, assertSome, deepStrictEqual } from "@effect/vitest/utils"
import { Duration, Effect, Option, TestClock } from "effect"
import { makeRequests } from "../../conformance/fixtures.js"
import { beforeCreates } from "./attempts.js"
import type { Fixture, Test } from "./fixture.js"
import { oneEach, runFor } from "./fixture.js"

const limits = {
  all: { limit: 1000, window: Duration.seconds(10) },
  create: { limit: 12, window: Duration.hours(1) },
  createBulk: { limit: 6, window: Duration.hours(1) }
}

/** What the limits admit in an hour. */
const perHour = 72

const setup = { options: { limits }, server: { rateLimits: limits } }

const start = ({ campaigns }: Fixture, id: string, people: number, first: number, tenant?: string) =>
  campaigns.start({ id, people: makeRequests(people, first), tenant, checkExisting: false })

/** Calls `runDue` whenever it is due, for a number of hours. Returns the number of outcomes of each campaign. */
const runHours = ({ attempts, now, process }: Fixture, hours: number) =>
  Effect.gen(function*() {
    // Turns depend on the time of the last post, so a create takes some time.
    const campaigns = yield* process({
      attempts: beforeCreates(attempts, (call) => Effect.zipRight(TestClock.adjust("5 millis"), call))
    })
    yield* runFor(campaigns, now, Duration.toMillis(Duration.hours(hours)))
    return Object.fromEntries((yield* campaigns.list()).map(({ done, id }) => [id, done]))
  })

export const instances = (test: Test): void => {
  test("a process sends only the campaigns of its own instance", ({ campaigns, emails, process }) =>
    Effect.gen(function*() {
      const other = yield* process({ options: { key: "other" } })
      yield* campaigns.start({ id: "ours", people: makeRequests(2) })
      yield* other.runDue
      deepStrictEqual(yield* emails, {})
      assertNone(yield* other.nextDue)
      assertSome(Option.as(yield* campaigns.nextDue, true), true)
      yield* campaigns.runDue
      deepStrictEqual(yield* emails, oneEach(2))
    }))

  test("a campaign of another instance with the same id is a CampaignConflict", ({ campaigns, process }) =>
    Effect.gen(function*() {
      const other = yield* process({ options: { key: "other" } })
      yield* campaigns.start({ id: "ours", people: makeRequests(2) })
      const error = yield* Effect.flip(other.start({ id: "ours", people: makeRequests(2) }))
      assert.instanceOf(error, CampaignConflict)
    }))
}

export const fairness = (test: Test): void => {
  test("campaigns that wait for the same limits have equal shares", (fixture) =>
    Effect.gen(function*() {
      for (let n = 0; n < 3; n++) yield* start(fixture, `campaign${n}`, 300, 1000 * n)
      const done = yield* runHours(fixture, 6)
      const counts = Object.values(done)
      assert.isAtLeast(Math.min(...counts), perHour * 7 / 3 - perHour / 2)
      assert.isAtMost(Math.max(...counts) - Math.min(...counts), perHour / 2)
      // No call is lost to the shares.
      assert.isAtLeast(counts.reduce((sum, count) => sum + count, 0), perHour * 6)
    }), setup)

  test(
    "a small campaign does not wait for the end of a large one that was started before",
    (fixture) =>
      Effect.gen(function*() {
        yield* start(fixture, "large", 2000, 0)
        yield* runHours(fixture, 0.5)
        yield* start(fixture, "small", 60, 5000)
        const { small } = yield* runHours(fixture, 2.5)
        assert.strictEqual(small, 60)
      }),
    setup
  )

  test("a campaign that is alone uses all of the limits", (fixture) =>
    Effect.gen(function*() {
      yield* start(fixture, "small", 36, 0)
      yield* start(fixture, "large", 2000, 5000)
      const { large } = yield* runHours(fixture, 5.5)
      assert.isAtLeast(large ?? 0, 6 * perHour - 36)
    }), setup)

  test("tenants have equal shares, with one campaign or with four", (fixture) =>
    Effect.gen(function*() {
      for (let n = 0; n < 4; n++) yield* start(fixture, `a${n}`, 300, 1000 * n, "tenant-a")
      yield* start(fixture, "b", 1000, 8000, "tenant-b")
      const { b = 0, ...others } = yield* runHours(fixture, 9.5)
      const a = Object.values(others).reduce((sum, count) => sum + count, 0)
      assert.isAtLeast(b, 0.4 * (a + b))
      assert.isAtMost(b, 0.6 * (a + b))
      assert.isAtMost(Math.max(...Object.values(others)) - Math.min(...Object.values(others)), perHour / 3)
    }), setup)
}
