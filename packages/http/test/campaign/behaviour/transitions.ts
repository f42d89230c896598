import { Fault } from "@effect-clerk/http"
import type { CampaignState } from "@effect-clerk/http/InviteCampaign"
import { IllegalTransition, NoSuchCampaign } from "@effect-clerk/http/InviteCampaignError"
import type * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
import { assert } from "@effect/vitest"
import { assertNone, deepStrictEqual } from "@effect/vitest/utils"
import { Effect } from "effect"
import type { Fixture, Test } from "./fixture.js"
import { assertFails, oneEach } from "./fixture.js"

const id = "campaign"

const transitionsOf = (campaigns: InviteCampaigns.Service) => ({
  pause: campaigns.pause(id),
  resume: campaigns.resume(id),
  cancel: campaigns.cancel(id),
  retry: campaigns.retry(id, { outcomes: ["Rejected", "Unknown"] })
})

/** The state that each transition leads to. `null` if it is refused. */
const table: Record<CampaignState, Record<keyof ReturnType<typeof transitionsOf>, CampaignState | null>> = {
  loading: { pause: null, resume: null, cancel: "cancelled", retry: null },
  running: { pause: "paused", resume: "running", cancel: "cancelled", retry: "running" },
  paused: { pause: "paused", resume: "running", cancel: "cancelled", retry: "running" },
  completed: { pause: null, resume: null, cancel: null, retry: "running" },
  failed: { pause: null, resume: "running", cancel: "cancelled", retry: "running" },
  cancelled: { pause: null, resume: null, cancel: "cancelled", retry: null }
}

const states = ["loading", "running", "paused", "completed", "failed", "cancelled"] as const

/** Brings the campaign into a state. */
const reach = ({ campaigns, complete, control, start, store }: Fixture, state: CampaignState) =>
  Effect.gen(function*() {
    if (state === "loading") {
      yield* store.begin({ id, version: 1, settings: "{}" })
      return
    }
    yield* start(3)
    if (state === "paused") yield* campaigns.pause(id)
    if (state === "cancelled") yield* campaigns.cancel(id)
    if (state === "completed") yield* complete()
    if (state === "failed") {
      yield* control.failNext(Fault.Response.Status({ status: 401, code: "clerk_key_invalid" }))
      yield* complete()
    }
    assert.strictEqual((yield* campaigns.get(id)).state, state)
  })

export const transitions = (test: Test): void => {
  for (const state of states) {
    for (const transition of ["pause", "resume", "cancel", "retry"] as const) {
      const to = table[state][transition]
      test(`${transition} of a campaign that is ${state} ${to === null ? "is refused" : `makes it ${to}`}`, (fixture) =>
        Effect.gen(function*() {
          yield* reach(fixture, state)
          const change = transitionsOf(fixture.campaigns)[transition]
          if (to === null) {
            yield* assertFails(change, new IllegalTransition({ id, transition, state }))
            assert.strictEqual((yield* fixture.campaigns.get(id)).state, state)
          } else {
            const campaign = yield* change
            assert.strictEqual(campaign.state, to)
            deepStrictEqual(yield* fixture.campaigns.get(id), campaign)
          }
        }))
    }

    test(`a campaign that is ${state} can be deleted, and its id is free again`, (fixture) =>
      Effect.gen(function*() {
        yield* reach(fixture, state)
        yield* fixture.campaigns.delete(id)
        yield* assertFails(fixture.campaigns.get(id), new NoSuchCampaign({ id }))
        assertNone(yield* fixture.campaigns.nextDue)
        const sent = Object.keys(yield* fixture.emails).length
        assert.strictEqual((yield* fixture.start(4)).state, "running")
        yield* fixture.complete()
        deepStrictEqual(yield* fixture.counts(), { ...(sent === 0 ? {} : { AlreadyInvited: sent }), Created: 4 - sent })
        deepStrictEqual(yield* fixture.emails, oneEach(4))
      }))
  }

  for (const transition of ["pause", "resume", "cancel", "retry"] as const) {
    test(`${transition} of an unknown campaign fails`, ({ campaigns }) =>
      Effect.gen(function*() {
        yield* assertFails(transitionsOf(campaigns)[transition], new NoSuchCampaign({ id }))
      }))
  }

  test("delete of an unknown campaign fails", ({ campaigns }) =>
    Effect.gen(function*() {
      yield* assertFails(campaigns.delete(id), new NoSuchCampaign({ id }))
    }))

  test("an idempotent transition keeps its time", ({ campaigns, start }) =>
    Effect.gen(function*() {
      yield* start(3)
      const cancelled = yield* campaigns.cancel(id)
      deepStrictEqual((yield* campaigns.cancel(id)).endedAt, cancelled.endedAt)
    }))
}
