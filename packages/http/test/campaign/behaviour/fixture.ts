import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import type { InvitationAttempts } from "@effect-clerk/core/InvitationAttempts"
import { InvitationsMemory } from "@effect-clerk/http"
import type { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import type { Campaign, Counts, PersonState } from "@effect-clerk/http/InviteCampaign"
import type { NoSuchCampaign, StoreError } from "@effect-clerk/http/InviteCampaignError"
import type * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
import { assert } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import type { Scope } from "effect"
import { Chunk, Clock, Effect, Fiber, Option, Record, Stream, TestClock } from "effect"
import * as CampaignOptions from "../../../src/internal/campaign/service/options.js"
import * as CampaignService from "../../../src/internal/campaign/service/service.js"
import type { CampaignStore } from "../../../src/internal/campaign/store/store.js"
import { makeRequests } from "../../conformance/fixtures.js"
import { advanceUntilDone, stubTurns } from "../../utils/clock.js"
import type { MakeStore } from "../contract/fixture.js"

/** How a test differs from the others. */
export interface Setup {
  readonly options?: InviteCampaigns.Options | undefined
  readonly server?: InvitationsMemory.Options | undefined
  /** By how much the clock of the store is ahead of the server's, in milliseconds. */
  readonly skew?: number | undefined
}

/** A process that shares the store and the server with the others. */
export interface Process {
  readonly store?: CampaignStore | undefined
  readonly attempts?: Attempts | undefined
  readonly options?: InviteCampaigns.Options | undefined
  readonly isShared?: boolean | undefined
}

export type Attempts = InvitationAttempts.Service

/** A store, a server in memory, and the campaigns of one process. */
export interface Fixture {
  readonly store: CampaignStore
  /** The clock of the store. */
  readonly now: Effect.Effect<number>
  readonly control: InvitationsControl.Service
  readonly attempts: Attempts
  readonly campaigns: InviteCampaigns.Service
  /** The campaigns of another process. */
  readonly process: (process?: Process) => Effect.Effect<InviteCampaigns.Service, unknown>
  /** Starts the campaign `campaign` with a number of people, or with these. */
  readonly start: (
    people: number | ReadonlyArray<CreateInvitation.Input>,
    options?: Partial<InviteCampaigns.Start>
  ) => Effect.Effect<Campaign, unknown>
  /** Calls `runDue` whenever it is due, until the campaign neither runs nor has posts in doubt. */
  readonly complete: (process?: Process & { readonly id?: string | undefined }) => Effect.Effect<Campaign, unknown>
  /** The states of the people that occur, with their numbers. */
  readonly counts: (id?: string) => Effect.Effect<Partial<Counts>, unknown>
  /** The state of every person, in their order. */
  readonly states: (id?: string) => Effect.Effect<ReadonlyArray<PersonState>, unknown>
  /** The number of e-mails by address. */
  readonly emails: Effect.Effect<Readonly<Record<string, number>>>
  /** The number of calls by operation. */
  readonly calls: Effect.Effect<Readonly<Record<string, number>>>
}

export const address = (n: number): string => `person${n}@example.com`

export const nonZero = (counts: Counts): Partial<Counts> => Record.filter(counts, (count) => count > 0)

const tally = (values: ReadonlyArray<string>): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}

/** Asserts that an effect fails with an error of this class and these fields. */
export const assertFails = <E extends { readonly _tag: string }>(
  effect: Effect.Effect<unknown, E>,
  expected: Error & { readonly _tag: string }
): Effect.Effect<void, unknown> =>
  Effect.map(Effect.flip(effect), (error) => {
    assert.strictEqual(error.constructor, expected.constructor)
    deepStrictEqual(JSON.stringify(error), JSON.stringify(expected))
  })

/** Exactly one e-mail to each of the first `count` people. */
export const oneEach = (count: number): Readonly<Record<string, number>> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [address(n + 1), 1]))

// No campaign of a test needs as many slices.
const maxSlices = 5000

const hasWork = ({ counts, state }: Campaign): boolean =>
  state === "running" || (state === "cancelled" && counts.sending > 0)

/** Calls `runDue` whenever it is due, until the campaign neither runs nor has posts in doubt. Failures are survived. */
export const drive = (
  campaigns: InviteCampaigns.Service,
  now: Effect.Effect<number>,
  id: string,
  runDue: Effect.Effect<unknown, unknown> = campaigns.runDue
): Effect.Effect<Campaign, NoSuchCampaign | StoreError> =>
  Effect.gen(function*() {
    for (let slices = 0; slices < maxSlices; slices++) {
      const found = yield* Effect.option(campaigns.get(id))
      if (Option.isSome(found) && !hasWork(found.value)) return found.value
      const due = yield* Effect.option(Effect.flatten(campaigns.nextDue))
      const millis = Option.match(due, { onNone: () => 1000, onSome: ({ epochMillis }) => epochMillis })
      const wait = Option.isSome(due) ? millis - (yield* now) : millis
      if (wait > 0) yield* TestClock.adjust(wait)
      // A poller waits as well before it asks a store again that has failed.
      yield* Effect.catchAll(runDue, () => TestClock.adjust("5 seconds"))
    }
    return assert.fail(`the campaign does not end: ${JSON.stringify(yield* campaigns.get(id))}`)
  })

/** Calls `runDue` whenever it is due, for a time in milliseconds. */
export const runFor = (
  { nextDue, runDue }: InviteCampaigns.Service,
  now: Effect.Effect<number>,
  millis: number
): Effect.Effect<void, StoreError> =>
  Effect.gen(function*() {
    const end = (yield* now) + millis
    while (true) {
      const due = Option.match(yield* nextDue, { onNone: () => Infinity, onSome: ({ epochMillis }) => epochMillis })
      if (due > end) break
      yield* TestClock.adjust(Math.max(0, due - (yield* now)))
      yield* runDue
    }
    yield* TestClock.adjust(Math.max(0, end - (yield* now)))
  })

export const makeFixture = (
  makeStore: MakeStore,
  { options, server, skew = 0 }: Setup = {}
): Effect.Effect<Fixture, unknown, Scope.Scope> =>
  Effect.gen(function*() {
    const now = Effect.map(Clock.currentTimeMillis, (millis) => millis + skew)
    const store = yield* makeStore(now)
    const { attempts, control } = yield* InvitationsMemory.make(server)

    const process: Fixture["process"] = (process = {}) =>
      Effect.flatMap(CampaignOptions.make(process.options ?? options), (tuning) =>
        CampaignService.make({
          store: process.store ?? store,
          attempts: process.attempts ?? attempts,
          isShared: process.isShared ?? false,
          tuning
        }))

    const campaigns = yield* process()

    return {
      store,
      now,
      control,
      attempts,
      campaigns,
      process,
      start: (people, options) =>
        Effect.map(
          campaigns.start({
            id: "campaign",
            people: typeof people === "number" ? makeRequests(people) : people,
            ...options
          }),
          ({ campaign }) => campaign
        ),
      complete: ({ id = "campaign", ...other } = {}) =>
        Effect.flatMap(
          Object.keys(other).length === 0 ? Effect.succeed(campaigns) : process(other),
          (campaigns) => drive(campaigns, now, id)
        ),
      counts: (id = "campaign") => Effect.map(campaigns.get(id), ({ counts }) => nonZero(counts)),
      states: (id = "campaign") =>
        Effect.map(
          Stream.runCollect(campaigns.people(id)),
          (people) => Chunk.toReadonlyArray(people).map(({ state }) => state)
        ),
      emails: Effect.map(control.outbox, (emails) => tally(emails.map(({ to }) => to))),
      calls: Effect.map(control.calls, (calls) => tally(calls.map(({ operation }) => operation)))
    }
  })

/** Declares a test over a new store and a new server. */
export type Test = (
  title: string,
  body: (fixture: Fixture) => Effect.Effect<void, unknown, Scope.Scope>,
  setup?: Setup
) => void

/** Builds another store and another server, for a test that needs many. */
export type Fresh = (setup?: Setup) => Effect.Effect<Fixture, unknown, Scope.Scope>

/**
 * Calls `runDue` whenever it is due, and advances the clock whenever it waits, until the campaign neither runs nor has posts in
 * doubt. For calls that take time, and for stores that fail.
 */
export const driveClock = (campaigns: InviteCampaigns.Service, runDue: Effect.Effect<unknown, unknown>) =>
  drive(campaigns, Clock.currentTimeMillis, "campaign", withClock(runDue))

/** Runs an effect, and advances the clock whenever the effect waits for it. */
export const withClock = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    yield* advanceUntilDone(fiber, stubTurns)
    return yield* Fiber.join(fiber)
  })
