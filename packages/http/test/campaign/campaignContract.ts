import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { doubts, ours } from "./behaviour/doubts.js"
import { fairness, instances } from "./behaviour/fairness.js"
import type { Fresh, Test } from "./behaviour/fixture.js"
import { makeFixture } from "./behaviour/fixture.js"
import { followUps } from "./behaviour/followUps.js"
import { rateLimits } from "./behaviour/limits.js"
import { loading } from "./behaviour/loading.js"
import { outcomes } from "./behaviour/outcomes.js"
import { privacy } from "./behaviour/privacy.js"
import { racesOfTransitions, unreadables } from "./behaviour/races.js"
import { refusals } from "./behaviour/refusals.js"
import { reports } from "./behaviour/reports.js"
import { retention, retry } from "./behaviour/retry.js"
import { schedules } from "./behaviour/schedules.js"
import { stalls } from "./behaviour/stalls.js"
import { start } from "./behaviour/start.js"
import { storeFaults, storeFaultsOfFollowUps } from "./behaviour/storeFaults.js"
import { transitions } from "./behaviour/transitions.js"
import type { MakeStore } from "./contract/fixture.js"

const groups = {
  start,
  loading,
  transitions,
  outcomes,
  refusals,
  doubts,
  ours,
  stalls,
  followUps,
  instances,
  reports,
  privacy,
  races: racesOfTransitions,
  unreadables,
  retry,
  retention
}

// These tests move the clock while calls are in flight. A store over a network answers at moments of its own.
const withClockBesideCalls = new Set([
  "several processes share a campaign, and everybody gets one e-mail",
  "the lease has time left for the longest call before each post"
])

const groupsWithClockBesideCalls = new Set(["stalls", "reports"])

/**
 * The behaviour of campaigns over every store. `makeStore` is run for each test. Pass `isRemote` for a store over a network, and
 * `isFast` for a store that can afford thousands of slices.
 */
export const campaignContract = (
  name: string,
  makeStore: MakeStore,
  { isFast = false, isRemote = false }: { readonly isFast?: boolean; readonly isRemote?: boolean } = {}
): void => {
  const test: Test = (title, body, setup) => {
    if (isRemote && withClockBesideCalls.has(title)) return
    it.scoped(title, () => Effect.flatMap(makeFixture(makeStore, setup), body))
  }
  describe(`campaigns over the store ${name}`, () => {
    const fresh: Fresh = (setup) => makeFixture(makeStore, setup)
    describe("faults of the store", () => {
      // An outage takes thousands of statements, whose round trips to a server cost the suite a minute.
      storeFaults(test, fresh, isRemote ? [60] : [4, 60])
      if (isFast) storeFaultsOfFollowUps(test, fresh)
    })
    if (!isRemote) {
      describe("schedules", () => schedules(test, fresh))
      describe("fairness", () => fairness(test))
      describe("rate limits", () => rateLimits(test, fresh))
    }
    for (const [group, declare] of Object.entries(groups)) {
      if (!isRemote || !groupsWithClockBesideCalls.has(group)) describe(group, () => declare(test))
    }
  })
}
