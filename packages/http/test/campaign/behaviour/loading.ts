import { NoSuchCampaign, StoreError } from "@effect-clerk/http/InviteCampaignError"
import { assert } from "@effect/vitest"
import { assertNone, deepStrictEqual } from "@effect/vitest/utils"
import { Deferred, Effect, Exit, Fiber, Option, Stream, TestClock } from "effect"
import * as Settings from "../../../src/internal/campaign/model/settings.js"
import { makeRequests } from "../../conformance/fixtures.js"
import { eventLoopTurns } from "../../utils/clock.js"
import { newPeople } from "../contract/fixture.js"
import type { Fixture, Test } from "./fixture.js"
import { address, assertFails, oneEach } from "./fixture.js"

const id = "campaign"

const settings = Settings.toJson({
  onExisting: "report",
  checkExisting: true,
  useSingleCreates: true,
  allowDuplicates: false,
  retention: 30 * 24 * 60 * 60_000
})

/** What a process leaves behind that dies while it loads people. */
const dieWhileLoading = ({ store }: Fixture, people: number) =>
  Effect.gen(function*() {
    yield* store.begin({ id, version: Settings.version, settings })
    const load = yield* store.openLoad(id, 120_000)
    yield* store.addPeople(load, newPeople(people), 120_000)
    return load
  })

/** A source of three people, and then of nobody until `end` is done. */
const slowSource = Effect.map(Deferred.make<unknown>(), (end) => ({
  end,
  people: Stream.concat(Stream.fromIterable(makeRequests(3)), Stream.drain(Stream.fromEffect(Deferred.await(end))))
}))

/** Waits until the campaign is stored. A store over a network needs more than some turns of the event loop. */
const untilLoading = (campaigns: Fixture["campaigns"]) =>
  Effect.repeat(Effect.zipRight(eventLoopTurns(1), Effect.option(campaigns.get(id))), { until: Option.isSome })

export const loading = (test: Test): void => {
  test("a source that fails leaves nothing", ({ campaigns, store }) =>
    Effect.gen(function*() {
      const people = Stream.concat(Stream.fromIterable(makeRequests(1200)), Stream.fail("disk"))
      assert.strictEqual(yield* Effect.flip(campaigns.start({ id, people })), "disk")
      deepStrictEqual(yield* store.list({ limit: 10 }), [])
      yield* TestClock.adjust("3 minutes")
      deepStrictEqual(yield* store.staleLoads(10), [])
    }))

  test("an interrupted start leaves nothing", ({ campaigns, store }) =>
    Effect.gen(function*() {
      const { people } = yield* slowSource
      const fiber = yield* Effect.fork(campaigns.start({ id, people }))
      yield* untilLoading(campaigns)
      assert.strictEqual((yield* campaigns.get(id)).state, "loading")
      yield* Fiber.interrupt(fiber)
      yield* assertFails(campaigns.get(id), new NoSuchCampaign({ id }))
      deepStrictEqual(yield* store.staleLoads(10), [])
    }))

  test("a loading campaign has no people and is not sent", ({ calls, campaigns }) =>
    Effect.gen(function*() {
      const { end, people } = yield* slowSource
      const fiber = yield* Effect.fork(campaigns.start({ id, people }))
      yield* untilLoading(campaigns)
      const { counts, done, remaining, startedAt, total } = yield* campaigns.get(id)
      deepStrictEqual([counts.pending, done, remaining, total], [0, 0, 0, 0])
      assertNone(startedAt)
      deepStrictEqual([...(yield* Stream.runCollect(campaigns.people(id)))], [])
      assertNone(yield* campaigns.person(id, address(1)))
      assert.strictEqual(yield* campaigns.runDue, 0)
      deepStrictEqual(yield* calls, {})
      yield* Deferred.succeed(end, undefined)
      assert.strictEqual((yield* Fiber.join(fiber)).campaign.total, 3)
    }))

  test("a slow source keeps its load", ({ campaigns, complete, emails }) =>
    Effect.gen(function*() {
      const { end, people } = yield* slowSource
      const fiber = yield* Effect.fork(campaigns.start({ id, people }))
      for (let minute = 0; minute < 10; minute++) {
        yield* TestClock.adjust("1 minute")
        yield* campaigns.runDue
      }
      yield* Deferred.succeed(end, undefined)
      assert.isTrue((yield* Fiber.join(fiber)).started)
      yield* complete()
      deepStrictEqual(yield* emails, oneEach(3))
    }))

  test("runDue removes the people of a process that died, and the id can be started again", (fixture) =>
    Effect.gen(function*() {
      const { campaigns, complete, emails, store } = fixture
      const load = yield* dieWhileLoading(fixture, 2500)
      yield* campaigns.runDue
      deepStrictEqual(yield* store.counts(load), { pending: 2500 })
      yield* TestClock.adjust("2 minutes")
      for (let n = 0; n < 4; n++) yield* campaigns.runDue
      deepStrictEqual(yield* store.counts(load), {})
      deepStrictEqual(yield* store.staleLoads(10), [])
      assert.isTrue((yield* campaigns.start({ id, people: makeRequests(3) })).started)
      yield* complete()
      deepStrictEqual(yield* emails, oneEach(3))
    }))

  test("an id can be started again at once after its process died", (fixture) =>
    Effect.gen(function*() {
      yield* dieWhileLoading(fixture, 10)
      assert.isTrue((yield* fixture.campaigns.start({ id, people: makeRequests(3) })).started)
      yield* fixture.complete()
      deepStrictEqual(yield* fixture.emails, oneEach(3))
    }))

  test("a start whose load was removed while the process was suspended fails", ({ campaigns, process, store }) =>
    Effect.gen(function*() {
      const discard = Effect.flatMap(store.staleLoads(10), Effect.forEach((load) => store.discardLoad(load, 1000)))
      const suspended = yield* process({
        store: {
          ...store,
          publish: (...args) =>
            Effect.zipRight(
              Effect.zipRight(TestClock.adjust("3 minutes"), Effect.orDie(discard)),
              store.publish(...args)
            )
        }
      })
      yield* assertFails(
        suspended.start({ id, people: makeRequests(3) }),
        new StoreError({ operation: "addPeople", code: Option.some("LOAD_REMOVED") })
      )
      assert.isTrue((yield* campaigns.start({ id, people: makeRequests(3) })).started)
    }))

  test("loads 100,000 people of a stream in batches", ({ process, store }) =>
    Effect.gen(function*() {
      const sizes: Array<number> = []
      const campaigns = yield* process({
        store: {
          ...store,
          addPeople: (load, people, lease) => {
            sizes.push(people.length)
            return store.addPeople(load, people, lease)
          }
        }
      })
      const people = Stream.range(1, 100_000).pipe(Stream.map((n) => ({ emailAddress: address(n) })))
      const { campaign } = yield* campaigns.start({ id, people })
      assert.strictEqual(campaign.total, 100_000)
      assert.strictEqual(campaign.counts.pending, 100_000)
      assert.isAtMost(Math.max(...sizes), 1000)
      assert.isAtMost(sizes.length, 500)
    }))

  test("a cancelled load is not sent", ({ campaigns, emails, store }) =>
    Effect.gen(function*() {
      const { end, people } = yield* slowSource
      const fiber = yield* Effect.fork(campaigns.start({ id, people }))
      yield* untilLoading(campaigns)
      assert.strictEqual((yield* campaigns.cancel(id)).state, "cancelled")
      yield* Deferred.succeed(end, undefined)
      const exit = yield* Fiber.await(fiber)
      assert.isTrue(Exit.isSuccess(exit) && !exit.value.started && exit.value.campaign.state === "cancelled")
      yield* campaigns.runDue
      assertNone(yield* campaigns.nextDue)
      yield* TestClock.adjust("5 minutes")
      yield* campaigns.runDue
      deepStrictEqual(yield* emails, {})
      deepStrictEqual(yield* store.staleLoads(10), [])
      assertNone(yield* campaigns.nextDue)
    }))

  test("a campaign that is deleted while it loads is started by its process", ({ campaigns, complete, emails }) =>
    Effect.gen(function*() {
      const { end, people } = yield* slowSource
      const fiber = yield* Effect.fork(Effect.either(campaigns.start({ id, people })))
      yield* untilLoading(campaigns)
      yield* campaigns.delete(id)
      yield* Deferred.succeed(end, undefined)
      const result = yield* Fiber.join(fiber)
      // A load ends with its campaign, or the campaign is made again. It is never published in part.
      if (result._tag === "Right") {
        yield* complete()
        deepStrictEqual(yield* emails, oneEach(3))
      } else yield* assertFails(campaigns.get(id), new NoSuchCampaign({ id }))
    }))
}
