import * as Metrics from "@effect-clerk/http/InviteCampaignMetrics"
import * as SqlClient from "@effect/sql/SqlClient"
import { describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import type { Scope } from "effect"
import { Deferred, Effect, Fiber, Metric, TestClock } from "effect"
import * as MemoryStore from "../../src/internal/campaign/store/memoryStore.js"
import * as SqlStore from "../../src/internal/campaign/store/sql/sqlStore.js"
import { eventLoopTurns } from "../utils/clock.js"
import { beforeCreates } from "./behaviour/attempts.js"
import { makeFixture } from "./behaviour/fixture.js"
import { databaseFile, libsqlClient } from "./stores.js"

const fixture = makeFixture((now) => MemoryStore.make({ now }))

// Metrics are global: a tag separates those of a test from those of the others.
const test = (title: string, body: Effect.Effect<void, unknown, Scope.Scope>) => {
  it.scoped(title, () => Effect.tagMetrics(body, "test", title))
}

const own = <Type, In, Out>(metric: Metric.Metric<Type, In, Out>): Effect.Effect<Out> =>
  Effect.flatMap(Effect.metricLabels, (labels) => Metric.value(Metric.taggedWithLabels(metric, labels)))

const gauge = (metric: Metric.Metric.Gauge<number>) => Effect.map(own(metric), ({ value }) => value)

const counter = (metric: Metric.Metric.Counter<number>) => Effect.map(own(metric), ({ count }) => count)

const gauges = Effect.all({
  due: gauge(Metrics.due),
  stalled: gauge(Metrics.stalled),
  oldestDue: gauge(Metrics.oldestDue)
})

const counters = Effect.all({
  slices: counter(Metrics.slices),
  takeOvers: counter(Metrics.takeOvers),
  fencedWrites: counter(Metrics.fencedWrites)
})

describe("the metrics of campaigns", () => {
  for (const by of ["measure", "runDue"] as const) {
    test(
      `the gauges count the due campaigns and their ages, set by ${by}`,
      Effect.gen(function*() {
        const { campaigns, start } = yield* fixture
        yield* start(1, { id: "first" })
        yield* TestClock.adjust("31 seconds")
        yield* start(1, { id: "second" })
        yield* TestClock.adjust("30 seconds")
        yield* campaigns[by]
        deepStrictEqual(yield* gauges, { due: 2, stalled: 1, oldestDue: 61 })
        yield* campaigns.runDue
        yield* campaigns[by]
        deepStrictEqual(yield* gauges, { due: 0, stalled: 0, oldestDue: 0 })
      })
    )
  }

  test(
    "quotaLeft is the number of free calls of each quota",
    Effect.gen(function*() {
      const { calls, campaigns, start } = yield* fixture
      yield* start(12)
      yield* campaigns.runDue
      yield* campaigns.measure
      const { create = 0, createBulk = 0, list = 0 } = yield* calls
      const left = (quota: string) => gauge(Metric.tagged(Metrics.quotaLeft, "quota", quota))
      deepStrictEqual(
        yield* Effect.all([left("all"), left("create"), left("createBulk")]),
        [100 - create - createBulk - list, 100 - create, 25 - createBulk]
      )
    })
  )

  test(
    "outcomes are counted by their kind",
    Effect.gen(function*() {
      const { complete, control, start } = yield* fixture
      yield* control.addUser("person2@example.com")
      yield* start(3)
      yield* complete()
      const count = (outcome: string) => counter(Metric.tagged(Metrics.outcomes, "outcome", outcome))
      deepStrictEqual(yield* Effect.all([count("Created"), count("UserExists"), count("Unknown")]), [2, 1, 0])
    })
  )

  test(
    "a process that stood still is a take-over, and its late write is fenced",
    Effect.gen(function*() {
      const { campaigns, process, start, store } = yield* fixture
      const latch = yield* Deferred.make<unknown>()
      yield* start(12)
      const hanging = yield* process({
        store: {
          ...store,
          settle: (lease, work) =>
            Effect.zipRight(Effect.uninterruptible(Deferred.await(latch)), store.settle(lease, work))
        }
      })
      const fiber = yield* Effect.fork(hanging.runDue)
      yield* eventLoopTurns(20)
      yield* TestClock.adjust("31 seconds")
      deepStrictEqual(yield* counters, { slices: 1, takeOvers: 0, fencedWrites: 0 })
      yield* campaigns.runDue
      deepStrictEqual(yield* counters, { slices: 2, takeOvers: 1, fencedWrites: 0 })
      yield* Deferred.succeed(latch, undefined)
      yield* Fiber.await(fiber)
      deepStrictEqual(yield* counters, { slices: 2, takeOvers: 1, fencedWrites: 1 })
    })
  )

  test(
    "a pause is no fenced write",
    Effect.gen(function*() {
      const { attempts, campaigns, process, start } = yield* fixture
      yield* start(12)
      const pausing = yield* process({
        attempts: beforeCreates(attempts, (call) => Effect.zipRight(Effect.orDie(campaigns.pause("campaign")), call))
      })
      yield* pausing.runDue
      deepStrictEqual(yield* counters, { slices: 1, takeOvers: 0, fencedWrites: 0 })
    })
  )

  test(
    "failures of the store are counted by operation",
    Effect.gen(function*() {
      const sql = yield* Effect.flatMap(databaseFile, libsqlClient)
      const store = yield* Effect.provideService(
        SqlStore.make({ prefix: "effect_clerk" }),
        SqlClient.SqlClient,
        sql
      )
      yield* sql`DROP TABLE effect_clerk_campaigns`
      yield* Effect.flip(store.get("campaign"))
      yield* Effect.flip(store.get("campaign"))
      const count = (operation: string) => counter(Metric.tagged(Metrics.storeErrors, "operation", operation))
      deepStrictEqual(yield* Effect.all([count("get"), count("due")]), [2, 0])
    })
  )
})
