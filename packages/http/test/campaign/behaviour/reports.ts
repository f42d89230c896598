import { InvalidRequest } from "@effect-clerk/core/InvitationError"
import type { Campaign } from "@effect-clerk/http/InviteCampaign"
import { NoSuchCampaign, StoreError } from "@effect-clerk/http/InviteCampaignError"
import * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
import { assert } from "@effect/vitest"
import { assertNone, deepStrictEqual } from "@effect/vitest/utils"
import { Chunk, ConfigError, Duration, Effect, Fiber, Layer, Logger, Option, Stream, TestClock } from "effect"
import * as CampaignOptions from "../../../src/internal/campaign/service/options.js"
import { makeRequests } from "../../conformance/fixtures.js"
import type { Test } from "./fixture.js"
import { address, assertFails, oneEach } from "./fixture.js"

const id = "campaign"

const noLogs = Effect.provide(Logger.remove(Logger.defaultLogger))

/** A poller of these campaigns until the scope closes. */
const poll = (campaigns: InviteCampaigns.Service) =>
  Layer.build(
    Layer.provide(InviteCampaigns.layerPoller(), Layer.succeed(InviteCampaigns.InviteCampaigns, campaigns))
  )

export const reports = (test: Test): void => {
  test("watch emits every change and ends with the campaign", ({ campaigns, start }) =>
    Effect.gen(function*() {
      yield* start(3)
      const fiber = yield* Effect.fork(Stream.runCollect(campaigns.watch(id)))
      yield* TestClock.adjust("5 seconds")
      yield* campaigns.pause(id)
      yield* TestClock.adjust("5 seconds")
      yield* campaigns.resume(id)
      yield* TestClock.adjust("1 second")
      yield* campaigns.runDue
      yield* TestClock.adjust("1 second")
      const seen = Chunk.toReadonlyArray(yield* Fiber.join(fiber))
      deepStrictEqual(seen.map(({ counts, state }) => [state, counts.Created]), [
        ["running", 0],
        ["paused", 0],
        ["running", 0],
        ["completed", 3]
      ])
    }))

  test("await returns the campaign after its end", ({ campaigns, start }) =>
    Effect.gen(function*() {
      yield* start(3)
      const fiber = yield* Effect.fork(campaigns.await(id))
      yield* TestClock.adjust("1 minute")
      assert.isNull(fiber.unsafePoll())
      yield* campaigns.runDue
      yield* TestClock.adjust("5 seconds")
      deepStrictEqual(yield* Fiber.join(fiber), yield* campaigns.get(id))
    }))

  test("get, watch, await, people and person fail for an unknown id", ({ campaigns }) =>
    Effect.forEach(
      [
        campaigns.get(id),
        campaigns.await(id),
        Stream.runDrain(campaigns.watch(id)),
        Stream.runDrain(campaigns.people(id)),
        campaigns.person(id, address(1))
      ],
      (effect: Effect.Effect<unknown, NoSuchCampaign | StoreError>) => assertFails(effect, new NoSuchCampaign({ id }))
    ))

  test("people pages, filters and continues after a position", ({ campaigns, complete, control, start }) =>
    Effect.gen(function*() {
      yield* control.setBlocklist([address(700)])
      yield* start(1200)
      const positions = (options?: Parameters<InviteCampaigns.Service["people"]>[1]) =>
        Effect.map(
          Stream.runCollect(campaigns.people(id, options)),
          (people) => Chunk.toReadonlyArray(people).map(({ position }) => position)
        )
      deepStrictEqual(yield* positions(), Array.from({ length: 1200 }, (_, n) => n))
      deepStrictEqual(yield* positions({ after: 1197 }), [1198, 1199])
      yield* complete()
      deepStrictEqual(yield* positions({ outcome: "Rejected" }), [699])
      deepStrictEqual(yield* positions({ outcome: "Rejected", after: 699 }), [])
    }))

  test("list filters by state, pages by id and checks its limit", ({ campaigns }) =>
    Effect.gen(function*() {
      for (const id of ["c", "a", "d", "b"]) yield* campaigns.start({ id, people: makeRequests(1) })
      yield* campaigns.pause("c")
      const ids = (options?: Parameters<InviteCampaigns.Service["list"]>[0]) =>
        Effect.map(campaigns.list(options), (found) => found.map(({ id }) => id))
      deepStrictEqual(yield* ids(), ["a", "b", "c", "d"])
      deepStrictEqual(yield* ids({ state: "paused" }), ["c"])
      deepStrictEqual(yield* ids({ after: "a", limit: 2 }), ["b", "c"])
      for (const limit of [0, 1001, 1.5]) {
        assert.instanceOf(yield* Effect.flip(campaigns.list({ limit })), InvalidRequest)
      }
    }))

  test("the rate and the estimated end follow the limits", ({ campaigns, start }) =>
    Effect.gen(function*() {
      const { estimatedEnd } = yield* start(3500)
      const hours = Option.getOrThrow(estimatedEnd).epochMillis / Duration.toMillis("1 hour")
      assert.isTrue(hours >= 9 && hours <= 10)
      for (let slices = 0; slices < 20; slices++) {
        yield* campaigns.runDue
        yield* TestClock.adjust("1 minute")
      }
      yield* TestClock.adjust("40 minutes")
      const { done, ratePerHour } = yield* campaigns.get(id)
      deepStrictEqual([done, ratePerHour], [350, 350])
    }))

  test("the estimated end includes the wait for a limit that is used up", ({ campaigns, start }) =>
    Effect.gen(function*() {
      const end = (campaign: Campaign) => Option.getOrThrow(campaign.estimatedEnd).epochMillis
      const minute = Duration.toMillis("1 minute")
      assert.isAtLeast(end(yield* start(400)), 60 * minute)
      for (let slices = 0; slices < 10; slices++) {
        yield* campaigns.runDue
        yield* TestClock.adjust("1 minute")
      }
      assert.strictEqual((yield* campaigns.get(id)).remaining, 50)
      assert.isAtMost(end(yield* campaigns.get(id)), 65 * minute)
      // The campaign is due at once, but must wait.
      yield* campaigns.pause(id)
      assert.isAtLeast(end(yield* campaigns.resume(id)), 60 * minute)
    }))

  test("stalledSince tells that no process calls runDue", ({ campaigns, complete, start }) =>
    Effect.gen(function*() {
      assertNone((yield* start(3)).stalledSince)
      yield* TestClock.adjust("1 minute")
      assertNone((yield* campaigns.get(id)).stalledSince)
      yield* TestClock.adjust("1 second")
      const { stalledReason, stalledSince, startedAt } = yield* campaigns.get(id)
      deepStrictEqual([stalledSince, stalledReason], [startedAt, Option.some("no process calls runDue")])
      assertNone((yield* complete()).stalledSince)
    }))

  test("awaitDue ends when a campaign is due, and when this process starts one", ({ campaigns, start, control }) =>
    Effect.gen(function*() {
      const idle = yield* Effect.fork(campaigns.awaitDue())
      yield* TestClock.adjust("1 hour")
      assert.isNull(idle.unsafePoll())
      yield* start(400)
      assert.isTrue(yield* Fiber.join(idle))
      assert.isTrue(yield* campaigns.awaitDue())
      yield* campaigns.runDue
      const due = Option.getOrThrow(yield* campaigns.nextDue).epochMillis
      const waiting = yield* Effect.fork(campaigns.awaitDue())
      yield* TestClock.setTime(due - 1)
      assert.isNull(waiting.unsafePoll())
      yield* TestClock.setTime(due)
      assert.isTrue(yield* Fiber.join(waiting))
      assert.isAbove((yield* control.outbox).length, 0)
    }))

  test("awaitDue of a shared store looks again after `every`", ({ process, start }) =>
    Effect.gen(function*() {
      const other = yield* process({ isShared: true })
      const waiting = yield* Effect.fork(other.awaitDue({ every: "3 seconds" }))
      yield* TestClock.adjust("1 second")
      yield* start(1)
      assert.isNull(waiting.unsafePoll())
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(waiting)
      assert.isTrue(yield* other.awaitDue())
    }))

  test("a poller sends a campaign as soon as it is started", ({ campaigns, emails, start }) =>
    Effect.gen(function*() {
      yield* poll(campaigns)
      yield* TestClock.adjust("1 hour")
      yield* start(12)
      yield* TestClock.adjust(0)
      deepStrictEqual(yield* emails, oneEach(12))
      assert.strictEqual((yield* campaigns.get(id)).state, "completed")
    }))

  test("a poller survives a defect of a look-up beside others", ({ attempts, campaigns, emails, process, start }) =>
    Effect.gen(function*() {
      let calls = 0
      const other = yield* process({
        attempts: {
          ...attempts,
          list: (params) =>
            Effect.suspend(() =>
              ++calls === 3 ? Effect.dieMessage("defect") : Effect.delay(attempts.list(params), "1 second")
            )
        }
      })
      yield* start(12)
      yield* poll(other)
      for (let n = 0; n < 20; n++) yield* TestClock.adjust("1 second")
      deepStrictEqual(yield* emails, oneEach(12))
      assert.strictEqual((yield* campaigns.get(id)).state, "completed")
    }).pipe(noLogs))

  test("a poller survives a store that fails", ({ campaigns, emails, process, start, store }) =>
    Effect.gen(function*() {
      let failures = 3
      const failure = new StoreError({ operation: "due", code: Option.none() })
      const other = yield* process({
        store: { ...store, due: (query) => Effect.suspend(() => failures-- > 0 ? failure : store.due(query)) }
      })
      yield* start(12)
      yield* poll(other)
      for (let n = 0; n < 5; n++) yield* TestClock.adjust("5 seconds")
      deepStrictEqual(yield* emails, oneEach(12))
      assert.strictEqual((yield* campaigns.get(id)).state, "completed")
    }).pipe(noLogs))

  for (
    const [name, options] of [
      ["lease", { lease: "22 seconds" }],
      ["slice", { slice: Duration.infinity }],
      ["callTimeout", { callTimeout: 0 }],
      ["reconcileTimeout", { reconcileTimeout: -1 }],
      ["key", { key: "" }],
      ["limits.all.limit", { limits: { all: 9 } }]
    ] as const
  ) {
    test(`an invalid ${name} is a ConfigError that names it`, () =>
      Effect.gen(function*() {
        const { limits, ...others } = { limits: undefined, ...options }
        const second = Duration.seconds(1)
        const wide = { limit: 100, window: second }
        const error = yield* Effect.flip(CampaignOptions.make({
          ...others,
          ...(limits === undefined
            ? {}
            : { limits: { all: { limit: limits.all, window: second }, create: wide, createBulk: wide } })
        }))
        assert.isTrue(ConfigError.isConfigError(error))
        assert.include(JSON.stringify(error), name.slice(name.lastIndexOf(".") + 1))
      }))
  }
}
