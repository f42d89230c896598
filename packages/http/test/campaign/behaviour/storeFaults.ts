import { StoreError } from "@effect-clerk/http/InviteCampaignError"
import { assert } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Clock, Effect, Option, Record } from "effect"
import type { CampaignStore } from "../../../src/internal/campaign/store/store.js"
import { makeRequests } from "../../conformance/fixtures.js"
import type { Fixture, Fresh, Test } from "./fixture.js"
import { address, driveClock, oneEach } from "./fixture.js"

/** Decides about a call of the store, from its number: whether it fails, and whether it takes effect before. */
type Decide = (call: number) => Effect.Effect<"succeeds" | "failsBefore" | "failsAfter">

/** A store whose every operation, except those of `start`, can fail. */
export const failing = (store: CampaignStore, decide: Decide) => {
  let calls = 0
  const run = <A, E>(operation: string, call: Effect.Effect<A, E | StoreError>): Effect.Effect<A, E | StoreError> => {
    const failure = Effect.fail(new StoreError({ operation, code: Option.none() }))
    return Effect.flatMap(Effect.suspend(() => decide(++calls)), (decision) => {
      if (decision === "succeeds") return call
      return decision === "failsBefore" ? failure : Effect.zipRight(call, failure)
    })
  }
  const wrapped: CampaignStore = {
    ...store,
    now: run("now", store.now),
    staleLoads: (limit) => run("staleLoads", store.staleLoads(limit)),
    discardLoad: (load, limit) => run("discardLoad", store.discardLoad(load, limit)),
    due: (query) => run("due", store.due(query)),
    acquire: (id, lease) => run("acquire", store.acquire(id, lease)),
    release: (lease, end) => run("release", store.release(lease, end)),
    candidates: (load, query) => run("candidates", store.candidates(load, query)),
    doubtful: (load, query) => run("doubtful", store.doubtful(load, query)),
    remaining: (load) => run("remaining", store.remaining(load)),
    dueFollowUps: (load, query) => run("dueFollowUps", store.dueFollowUps(load, query)),
    followUp: (lease, work) => run("followUp", store.followUp(lease, work)),
    competing: (query) => run("competing", store.competing(query)),
    room: (quota) => run("room", store.room(quota)),
    book: (lease, work) => run("book", store.book(lease, work)),
    settle: (lease, work) => run("settle", store.settle(lease, work)),
    close: (quota, millis) => run("close", store.close(quota, millis)),
    counts: (load) => run("counts", store.counts(load)),
    purge: (lease, counts, limit) => run("purge", store.purge(lease, counts, limit))
  }
  return { store: wrapped, calls: () => calls }
}

const many = makeRequests(13)

const groups = [
  ["people", many, {}],
  [
    "people with ignoreExisting",
    many.map((person) => ({ ...person, ignoreExisting: true })),
    { allowDuplicates: true }
  ],
  ["people without look-ups", many, { checkExisting: false }]
] as const

const followedUp = ["people that are followed up", makeRequests(3), { followUp: { after: "7 days" } }] as const

type Group = (typeof groups)[number] | typeof followedUp

/** Completes a campaign over a store that fails, and returns how many calls of the store were made. */
const survive = (fixture: Fixture, group: Group, decide: Decide) =>
  Effect.gen(function*() {
    const [, people, options] = group
    const count = people.length
    const most = "followUp" in options ? 2 : 1
    const { campaigns, counts, emails, process, start, store } = fixture
    yield* start(people, options)
    const faulty = failing(store, decide)
    const runDue = (yield* process({ store: faulty.store })).runDue
    yield* driveClock(campaigns, runDue)
    const { Created = 0, Unknown = 0, ...others } = yield* counts()
    deepStrictEqual([others, Created + Unknown], [{}, count])
    if (group[0] !== "people with ignoreExisting") {
      assert.strictEqual(Unknown, 0)
      deepStrictEqual(yield* emails, Record.map(oneEach(count), () => most))
    }
    const sent = yield* emails
    for (let n = 1; n <= count; n++) assert.isAtMost(sent[address(n)] ?? 0, most)
    return faulty.calls()
  })

const eachCall = (test: Test, fresh: Fresh, group: Group) => {
  for (const decision of ["failsBefore", "failsAfter"] as const) {
    test(`every call of the store ${decision === "failsBefore" ? "fails" : "fails after it took effect"} in turn: ${group[0]}`, () =>
      Effect.gen(function*() {
        let n = 0
        while (true) {
          n += 1
          const at = n
          const calls = yield* Effect.scoped(
            Effect.flatMap(
              fresh(),
              (fixture) => survive(fixture, group, (call) => Effect.succeed(call === at ? decision : "succeeds"))
            )
          )
          if (calls < at) break
        }
        assert.isAbove(n, 20)
      }))
  }
}

/** The same for follow-ups, which take many calls. */
export const storeFaultsOfFollowUps = (test: Test, fresh: Fresh): void => eachCall(test, fresh, followedUp)

/** The store fails in every way, and is away for so many seconds. */
export const storeFaults = (test: Test, fresh: Fresh, outages: ReadonlyArray<number>): void => {
  for (const group of groups) {
    eachCall(test, fresh, group)

    for (const seconds of outages) {
      test(`the store is away for ${seconds} seconds from every call on: ${group[0]}`, () =>
        Effect.gen(function*() {
          let n = 0
          while (true) {
            n += 1
            const at = n
            let until: number | undefined
            const calls = yield* Effect.scoped(
              Effect.flatMap(fresh(), (fixture) =>
                survive(fixture, group, (call) =>
                  Effect.map(Clock.currentTimeMillis, (now) => {
                    if (call === at) {
                      until = now + seconds * 1000
                    }
                    if (until === undefined || now >= until) {
                      return "succeeds"
                    }
                    return call === at ? "failsAfter" : "failsBefore"
                  })))
            )
            if (calls < at) {
              break
            }
          }
          assert.isAbove(n, 20)
        }))
    }
  }
}
