import { InvalidRequest } from "@effect-clerk/core/InvitationError"
import { CampaignConflict, NoSuchCampaign } from "@effect-clerk/http/InviteCampaignError"
import { assert } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Effect, Either, Stream } from "effect"
import { makeRequests } from "../../conformance/fixtures.js"
import type { Test } from "./fixture.js"
import { address, assertFails, oneEach } from "./fixture.js"

const id = "campaign"

const people = makeRequests(3)

const outcomeOf = <A extends { readonly started: boolean }, E extends { readonly _tag: string }>(
  result: Either.Either<A, E>
) => Either.match(result, { onLeft: ({ _tag }) => _tag, onRight: ({ started }) => `started: ${started}` })

export const start = (test: Test): void => {
  test("starts a campaign once, and returns the same campaign after that", ({ calls, campaigns, store }) =>
    Effect.gen(function*() {
      const first = yield* campaigns.start({ id, people })
      const second = yield* campaigns.start({ id, people })
      deepStrictEqual([first.started, second.started], [true, false])
      deepStrictEqual(second.campaign, first.campaign)
      assert.strictEqual(first.campaign.state, "running")
      assert.strictEqual(first.campaign.total, 3)
      assert.strictEqual(first.campaign.counts.pending, 3)
      assert.strictEqual(first.campaign.remaining, 3)
      deepStrictEqual(yield* calls, {})
      assert.strictEqual((yield* store.list({ limit: 10 })).length, 1)
    }))

  for (
    const [name, other] of [
      ["other people", makeRequests(3, 2)],
      ["fewer people", makeRequests(2)],
      ["more people", makeRequests(4)],
      ["another order", makeRequests(3).reverse()],
      ["another request", [...makeRequests(2), { emailAddress: address(3), publicMetadata: { plan: "gold" } }]],
      ["the other case of an address", [...makeRequests(2), { emailAddress: address(3).toUpperCase() }]]
    ] as const
  ) {
    test(`refuses the id with ${name}`, ({ campaigns, counts }) =>
      Effect.gen(function*() {
        yield* campaigns.start({ id, people })
        yield* assertFails(campaigns.start({ id, people: other }), new CampaignConflict({ id, differs: "people" }))
        deepStrictEqual(yield* counts(), { pending: 3 })
      }))
  }

  for (
    const options of [
      { onExisting: "reuse" },
      { checkExisting: false },
      { useSingleCreates: false },
      { allowDuplicates: true },
      { retention: "1 day" }
    ] as const
  ) {
    test(`refuses the id with other options: ${Object.keys(options).join()}`, ({ campaigns }) =>
      Effect.gen(function*() {
        yield* campaigns.start({ id, people })
        yield* assertFails(
          campaigns.start({ id, people, ...options }),
          new CampaignConflict({ id, differs: "options" })
        )
      }))
  }

  test("treats default options as equal to absent ones", ({ campaigns }) =>
    Effect.gen(function*() {
      yield* campaigns.start({ id, people })
      const { started } = yield* campaigns.start({
        id,
        people: Stream.fromIterable(people),
        onExisting: "report",
        checkExisting: true,
        useSingleCreates: true,
        allowDuplicates: false,
        retention: "30 days"
      })
      assert.isFalse(started)
    }))

  test("refuses an invalid person without the address, stores nothing and leaves the id free", ({ campaigns, store }) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(campaigns.start({
        id,
        people: [...makeRequests(3), { emailAddress: "ada lovelace" }, ...makeRequests(1)],
        checkExisting: false
      }))
      assert.instanceOf(error, InvalidRequest)
      assert.include(error.message, "people[3].emailAddress")
      assert.notInclude(`${JSON.stringify(error)}${error.message}`, "lovelace")
      yield* assertFails(campaigns.get(id), new NoSuchCampaign({ id }))
      deepStrictEqual(yield* store.staleLoads(10), [])
      assert.isTrue((yield* campaigns.start({ id, people })).started)
    }))

  test("refuses ignoreExisting unless duplicates are allowed", ({ campaigns }) =>
    Effect.gen(function*() {
      const people = [...makeRequests(2), { emailAddress: address(3), ignoreExisting: true }]
      const error = yield* Effect.flip(campaigns.start({ id, people }))
      assert.instanceOf(error, InvalidRequest)
      assert.include(error.message, "people[2].ignoreExisting")
      assert.isTrue((yield* campaigns.start({ id, people, allowDuplicates: true })).started)
    }))

  for (
    const [name, options, path] of [
      ["an empty id", { id: "" }, "id"],
      ["a long id", { id: "a".repeat(201) }, "id"],
      ["a negative retention", { retention: -1 }, "retention"]
    ] as const
  ) {
    test(`refuses ${name}`, ({ campaigns, store }) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(campaigns.start({ people, ...{ id }, ...options }))
        assert.instanceOf(error, InvalidRequest)
        deepStrictEqual(error.issues.map((issue) => issue.path), [path])
        deepStrictEqual(yield* store.list({ limit: 10 }), [])
      }))
  }

  test("two concurrent starts with the same people make one campaign", ({ campaigns, complete, emails, process, store }) =>
    Effect.gen(function*() {
      const other = yield* process()
      const slowly = Stream.fromIterable(people).pipe(Stream.tap(() => Effect.yieldNow()))
      const results = yield* Effect.all(
        [campaigns.start({ id, people: slowly }), other.start({ id, people: slowly })].map(Effect.either),
        { concurrency: "unbounded" }
      )
      deepStrictEqual(results.map(outcomeOf).sort(), ["started: false", "started: true"])
      yield* complete()
      deepStrictEqual(yield* emails, oneEach(3))
      deepStrictEqual(yield* store.staleLoads(10), [])
    }))

  test("two concurrent starts with different people make one campaign and one conflict", ({ campaigns, process, store }) =>
    Effect.gen(function*() {
      const other = yield* process()
      const results = yield* Effect.all(
        [campaigns.start({ id, people }), other.start({ id, people: makeRequests(5) })].map(Effect.either),
        { concurrency: "unbounded" }
      )
      deepStrictEqual(results.map(outcomeOf).sort(), ["CampaignConflict", "started: true"])
      deepStrictEqual(yield* store.staleLoads(10), [])
    }))

  test("reads an iterator only once", ({ campaigns, complete, emails }) =>
    Effect.gen(function*() {
      const once = (function*() {
        yield* people
      })()
      assert.strictEqual((yield* campaigns.start({ id, people: once })).campaign.total, 3)
      yield* complete()
      deepStrictEqual(yield* emails, oneEach(3))
    }))

  test("completes a campaign without people", ({ campaigns, complete }) =>
    Effect.gen(function*() {
      yield* campaigns.start({ id, people: [] })
      const { done, state, total } = yield* complete()
      deepStrictEqual([state, total, done], ["completed", 0, 0])
    }))

  test("compares after the end, and sends nothing", ({ calls, campaigns, complete, start }) =>
    Effect.gen(function*() {
      yield* start(3)
      const campaign = yield* complete()
      const before = yield* calls
      const again = yield* campaigns.start({ id, people })
      deepStrictEqual([again.started, again.campaign.state], [false, campaign.state])
      yield* assertFails(
        campaigns.start({ id, people: makeRequests(4) }),
        new CampaignConflict({ id, differs: "people" })
      )
      yield* campaigns.runDue
      deepStrictEqual(yield* calls, before)
    }))
}
