import type { CampaignState } from "@effect-clerk/http/InviteCampaign"
import { assert } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Duration, Effect, Option } from "effect"
import { makeRequests } from "../../conformance/fixtures.js"
import { newPeople } from "../contract/fixture.js"
import type { Fixture, Test } from "./fixture.js"
import { oneEach } from "./fixture.js"

const races = 300

/** Runs a slice, and a change that begins `yields` turns of the scheduler later. */
const race = <A, E>(slice: Effect.Effect<unknown, E>, change: Effect.Effect<A, E>, yields: number) =>
  Effect.map(
    Effect.all(
      [slice, Effect.zipRight(Effect.repeatN(Effect.yieldNow(), yields), Effect.option(change))],
      { concurrency: "unbounded" }
    ),
    ([, changed]) => changed
  )

/** The number of campaigns whose change is lost: it succeeded, and the campaign is in another state. */
const lost = (
  { campaigns }: Fixture,
  change: "pause" | "cancel",
  to: CampaignState
) =>
  Effect.gen(function*() {
    let lost = 0
    let changes = 0
    for (let n = 0; n < races; n++) {
      const id = `race${n}`
      yield* campaigns.start({ id, people: makeRequests(2, 2 * n + 1), checkExisting: false })
      const changed = yield* race(campaigns.runDue, campaigns[change](id), n % 60)
      const { state } = yield* campaigns.get(id)
      if (Option.isSome(changed)) changes++
      if (Option.isSome(changed) && state !== to) lost++
      if (Option.isNone(changed) && state !== "completed") lost++
      yield* campaigns.delete(id)
    }
    return { lost, isTried: changes > 0 }
  })

const wide = { limit: 100_000, window: Duration.seconds(10) }

export const racesOfTransitions = (test: Test): void => {
  test("no pause against a slice is lost", (fixture) =>
    Effect.gen(function*() {
      deepStrictEqual(yield* lost(fixture, "pause", "paused"), { lost: 0, isTried: true })
    }), { options: { limits: { all: wide, create: wide, createBulk: wide } } })

  test("no cancel against the completion is lost", (fixture) =>
    Effect.gen(function*() {
      deepStrictEqual(yield* lost(fixture, "cancel", "cancelled"), { lost: 0, isTried: true })
    }), { options: { limits: { all: wide, create: wide, createBulk: wide } } })
}

/** Starts a campaign whose settings, version or request this version cannot read. */
const unreadable = ({ store }: Fixture, fields: { readonly version?: number; readonly settings?: string }) =>
  Effect.gen(function*() {
    yield* store.begin({ id: "campaign", version: 1, settings: "{\"new\":true}", ...fields })
    const load = yield* store.openLoad("campaign", 60_000)
    yield* store.addPeople(load, newPeople(3), 60_000)
    yield* store.publish("campaign", load, { digest: "", total: 3 })
  })

export const unreadables = (test: Test): void => {
  for (
    const [name, fields] of [
      ["settings that are not readable", {}],
      ["a newer version", { version: 2 }]
    ] as const
  ) {
    test(`a campaign with ${name} is left alone and reported, and only cancel or delete ends it`, (fixture) =>
      Effect.gen(function*() {
        const { calls, campaigns, emails, store } = fixture
        yield* unreadable(fixture, fields)
        const before = yield* store.get("campaign")
        assert.strictEqual(yield* campaigns.runDue, 0)
        deepStrictEqual(yield* store.get("campaign"), before)
        const campaign = yield* campaigns.get("campaign")
        deepStrictEqual(campaign.stalledSince, campaign.startedAt)
        assert.include(Option.getOrThrow(campaign.stalledReason), "cannot read")
        // Others are not kept from their slices.
        yield* campaigns.start({ id: "other", people: makeRequests(3) })
        assert.strictEqual(yield* campaigns.runDue, 1)
        deepStrictEqual(yield* emails, oneEach(3))
        deepStrictEqual((yield* campaigns.pause("campaign")).state, "paused")
        deepStrictEqual((yield* campaigns.resume("campaign")).state, "running")
        deepStrictEqual((yield* campaigns.cancel("campaign")).state, "cancelled")
        yield* campaigns.runDue
        yield* campaigns.delete("campaign")
        assert.strictEqual((yield* calls).list, 3)
      }))
  }

  test("a person that is not readable stalls the campaign and nobody is sent", (fixture) =>
    Effect.gen(function*() {
      const { campaigns, emails, now, store } = fixture
      const { campaign } = yield* campaigns.start({ id: "template", people: [] })
      const settings = (yield* Effect.flatten(store.get(campaign.id))).settings
      yield* store.begin({ id: "campaign", version: 1, settings })
      const load = yield* store.openLoad("campaign", 60_000)
      yield* store.addPeople(load, newPeople(3).map((person) => ({ ...person, request: "{" })), 60_000)
      yield* store.publish("campaign", load, { digest: "", total: 3 })
      yield* campaigns.runDue
      const { counts, stalledReason, stalledSince, state } = yield* campaigns.get("campaign")
      deepStrictEqual([state, counts.pending], ["running", 3])
      assert.include(Option.getOrThrow(stalledReason), "cannot read")
      assert.isAtMost(Option.getOrThrow(stalledSince).epochMillis, yield* now)
      deepStrictEqual(yield* emails, {})
      assert.strictEqual((yield* campaigns.cancel("campaign")).state, "cancelled")
    }))
}
