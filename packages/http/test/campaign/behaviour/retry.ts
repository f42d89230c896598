import { Fault } from "@effect-clerk/http"
import { IllegalTransition } from "@effect-clerk/http/InviteCampaignError"
import { assert } from "@effect/vitest"
import { assertNone, deepStrictEqual } from "@effect/vitest/utils"
import { DateTime, Duration, Effect, Option, Stream, TestClock } from "effect"
import { makeRequests } from "../../conformance/fixtures.js"
import type { Test } from "./fixture.js"
import { address, assertFails, oneEach } from "./fixture.js"

const id = "campaign"

const people = (store: Parameters<Parameters<Test>[1]>[0]["store"]) =>
  Effect.flatMap(Effect.flatten(store.get(id)), ({ load }) => store.people(load ?? -1, { after: -1, limit: 1000 }))

export const retry = (test: Test): void => {
  test("retry sends again to people who were rejected", ({ campaigns, complete, control, counts, emails, start }) =>
    Effect.gen(function*() {
      yield* control.setBlocklist([address(2)])
      yield* start(3)
      yield* complete()
      deepStrictEqual(yield* counts(), { Created: 2, Rejected: 1 })
      yield* control.setBlocklist([])
      const retried = yield* campaigns.retry(id, { outcomes: ["Rejected"] })
      deepStrictEqual([retried.state, retried.remaining], ["running", 1])
      assertNone(retried.endedAt)
      assert.strictEqual((yield* complete()).state, "completed")
      deepStrictEqual(yield* counts(), { Created: 3 })
      deepStrictEqual(yield* emails, oneEach(3))
    }))

  test("retry sends again to people whose outcome is unknown", ({ campaigns, complete, control, counts, emails, start }) =>
    Effect.gen(function*() {
      yield* control.failNext(Fault.Response.Reset(), { operation: "createBulk" })
      yield* control.failNext(Fault.Response.Reset(), { operation: "create" })
      yield* start([{ emailAddress: address(1), ignoreExisting: true }], { allowDuplicates: true })
      yield* complete()
      deepStrictEqual(yield* counts(), { Unknown: 1 })
      deepStrictEqual(yield* emails, {})
      const { problem } = yield* Effect.flatten(campaigns.person(id, address(1)))
      assert.strictEqual(Option.getOrThrow(problem).tag, "AmbiguousWrite")
      yield* control.injectFaults([])
      yield* campaigns.retry(id, { outcomes: ["Rejected"] })
      yield* complete()
      deepStrictEqual(yield* counts(), { Unknown: 1 })
      yield* campaigns.retry(id, { outcomes: ["Unknown"] })
      yield* complete()
      if ((yield* emails)[address(1)] === undefined) {
        yield* campaigns.retry(id, { outcomes: ["Unknown"] })
        yield* complete()
      }
      deepStrictEqual(yield* counts(), { Created: 1 })
      deepStrictEqual(yield* emails, oneEach(1))
    }))

  test("retry while a slice ends is not lost", ({ campaigns, complete, control, counts, emails, process, start, store }) =>
    Effect.gen(function*() {
      yield* control.setBlocklist([address(2)])
      yield* start(3)
      let retried = false
      const other = yield* process({
        store: {
          ...store,
          release: (lease, end) =>
            Effect.gen(function*() {
              if (!retried) {
                retried = true
                yield* control.setBlocklist([])
                yield* store.retry(id, ["Rejected"], ["running"])
              }
              yield* store.release(lease, end)
            })
        }
      })
      yield* other.runDue
      assert.isTrue(retried)
      assert.strictEqual((yield* campaigns.get(id)).state, "running")
      yield* complete()
      deepStrictEqual(yield* counts(), { Created: 3 })
      deepStrictEqual(yield* emails, oneEach(3))
    }))
}

export const retention = (test: Test): void => {
  test("a request is dropped once its person is decided", ({ complete, control, start, store }) =>
    Effect.gen(function*() {
      yield* control.setBlocklist([address(2)])
      yield* control.addUser(address(3))
      yield* start([...makeRequests(4), ...makeRequests(1)])
      yield* complete()
      deepStrictEqual(
        (yield* people(store)).map(({ request, state }) => [state, request !== null]),
        // A rejected person can be retried.
        [["Created", false], ["Rejected", true], ["UserExists", false], ["Created", false], ["Repeated", false]]
      )
    }))

  test("the people are removed after the retention, and the id, the digest and the counts stay", (fixture) =>
    Effect.gen(function*() {
      const { calls, campaigns, complete, control, start, store } = fixture
      yield* control.setBlocklist([address(2)])
      yield* start(2500, { retention: "2 days", checkExisting: false })
      yield* campaigns.cancel(id)
      const before = yield* complete()
      yield* TestClock.adjust(Duration.minutes(2 * 24 * 60 - 1))
      yield* campaigns.runDue
      assert.strictEqual((yield* people(store)).length, 1000)
      yield* TestClock.adjust("2 minutes")
      for (let n = 0; n < 5; n++) yield* campaigns.runDue
      deepStrictEqual(yield* people(store), [])
      assertNone(yield* campaigns.nextDue)
      const after = yield* campaigns.get(id)
      deepStrictEqual([after.state, after.counts, after.total, after.done], [
        "cancelled",
        before.counts,
        2500,
        before.done
      ])
      deepStrictEqual([...(yield* Stream.runCollect(campaigns.people(id)))], [])
      assertNone(yield* campaigns.person(id, address(1)))
      const again = yield* campaigns.start({
        id,
        people: makeRequests(2500),
        retention: "2 days",
        checkExisting: false
      })
      assert.isFalse(again.started)
      deepStrictEqual(yield* calls, {})
    }))

  test("retry after the retention is refused", ({ campaigns, complete, start }) =>
    Effect.gen(function*() {
      yield* start(3, { retention: 0 })
      yield* complete()
      yield* TestClock.adjust("1 second")
      yield* campaigns.runDue
      yield* assertFails(
        campaigns.retry(id, { outcomes: ["Rejected"] }),
        new IllegalTransition({ id, transition: "retry", state: "completed" })
      )
      deepStrictEqual((yield* campaigns.get(id)).counts.Created, 3)
    }))

  test("prune removes campaigns that ended before a time", ({ campaigns, complete, start }) =>
    Effect.gen(function*() {
      yield* start(1)
      yield* complete()
      yield* campaigns.start({ id: "running", people: makeRequests(1, 2) })
      yield* TestClock.adjust("1 day")
      yield* campaigns.start({ id: "later", people: [] })
      yield* campaigns.cancel("later")
      const endedBefore = (yield* campaigns.get("later")).endedAt.pipe(Option.getOrThrow)
      assert.strictEqual(yield* campaigns.prune({ endedBefore }), 1)
      deepStrictEqual((yield* campaigns.list()).map(({ id }) => id), ["later", "running"])
      assert.strictEqual(yield* campaigns.prune({ endedBefore: DateTime.add(endedBefore, { millis: 1 }) }), 1)
      deepStrictEqual((yield* campaigns.list()).map(({ id }) => id), ["running"])
    }))
}
