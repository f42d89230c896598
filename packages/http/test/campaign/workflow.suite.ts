import * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
import * as InviteCampaignWorkflow from "@effect-clerk/http/InviteCampaignWorkflow"
import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { WorkflowEngine } from "@effect/workflow"
import type { Scope } from "effect"
import { ConfigError, Context, Deferred, Effect, Layer, Option, TestClock } from "effect"
import * as MemoryStore from "../../src/internal/campaign/store/memoryStore.js"
import { StoreError } from "../../src/InviteCampaignError.js"
import { advanceUntilDone } from "../utils/clock.js"
import type { Fixture } from "./behaviour/fixture.js"
import { makeFixture, oneEach } from "./behaviour/fixture.js"

const id = "campaign"

// More than the rate limits admit in an hour.
const people = 380

type Engine = Context.Tag.Service<WorkflowEngine.WorkflowEngine>

/** Runs before a call, and gets its number, from 1. */
type Before = (call: number) => Effect.Effect<void>

/** An engine in memory, as long as the scope is open. */
const makeEngine = ({ body = () => Effect.void, start = () => Effect.void }: {
  /** Runs before the start of an execution. */
  readonly start?: Before | undefined
  /** Runs before an execution performs slices. */
  readonly body?: Before | undefined
} = {}): Effect.Effect<{ readonly engine: Engine; readonly bodies: () => number }, never, Scope.Scope> =>
  Effect.map(Layer.build(WorkflowEngine.layerMemory), (context) => {
    const engine = Context.get(context, WorkflowEngine.WorkflowEngine)
    let starts = 0
    let bodies = 0
    return {
      engine: {
        ...engine,
        execute: (workflow, options) =>
          Effect.zipRight(Effect.suspend(() => start(++starts)), engine.execute(workflow, options)),
        register: (workflow, execute) =>
          engine.register(
            workflow,
            (payload, executionId) =>
              Effect.zipRight(Effect.suspend(() => body(++bodies)), execute(payload, executionId))
          )
      },
      bodies: () => bodies
    }
  })

/** A process that works on campaigns, until the scope closes. */
const work = (campaigns: InviteCampaigns.Service, engine: Engine, options?: InviteCampaignWorkflow.Options) =>
  Layer.build(InviteCampaignWorkflow.layer(options)).pipe(
    Effect.provideService(InviteCampaigns.InviteCampaigns, campaigns),
    Effect.provideService(WorkflowEngine.WorkflowEngine, engine)
  )

/** Advances the clock until the campaign has ended. */
const end = ({ campaigns }: Fixture) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(campaigns.await(id, { every: "1 minute" }))
    yield* advanceUntilDone(fiber)
    return yield* fiber
  })

const makeCampaign = Effect.tap(makeFixture((now) => MemoryStore.make({ now })), ({ start }) => start(people))

const endOf = ({ endedAt }: { readonly endedAt: Option.Option<{ readonly epochMillis: number }> }): number =>
  Option.match(endedAt, { onNone: () => NaN, onSome: ({ epochMillis }) => epochMillis })

// When the campaign ends if every slice begins when it is due, in milliseconds.
const bound = 3_601_000

const every = 5000

// The test clock may be ahead of an execution, whose id is a digest of the crypto module: up to two rounds.
const tolerance = 2 * every

/** Ends the campaign, and asserts that everybody got one e-mail, and that it ended at most `delay` after the bound. */
const assertEnds = (fixture: Fixture, delay = tolerance) =>
  Effect.gen(function*() {
    const campaign = yield* end(fixture)
    assert.strictEqual(campaign.state, "completed")
    deepStrictEqual(yield* fixture.emails, oneEach(people))
    assert.isAtMost(endOf(campaign), bound + delay)
  })

/** Campaigns that count the slices of this process. */
const counted = (campaigns: InviteCampaigns.Service) => {
  let slices = 0
  const runDue = Effect.tap(campaigns.runDue, (count) =>
    Effect.sync(() => {
      slices += count
    }))
  return { campaigns: { ...campaigns, runDue }, slices: () => slices }
}

describe("InviteCampaignWorkflow", () => {
  it.scoped("invites everybody once, and performs each slice when it is due", () =>
    Effect.gen(function*() {
      const fixture = yield* makeCampaign
      const { bodies, engine } = yield* makeEngine()
      const { campaigns, slices } = counted(fixture.campaigns)
      yield* work(campaigns, engine)
      yield* assertEnds(fixture)
      // An execution for each slice and for the end of the retention. One that waited in the engine began twice.
      assert.isAtLeast(slices(), 6)
      assert.isTrue(bodies() >= 6 && bodies() <= 12, `${bodies()} executions`)
    }))

  it.scoped("begins at once with a campaign that is started while the others wait for an hour", () =>
    Effect.gen(function*() {
      const fixture = yield* makeCampaign
      const { engine } = yield* makeEngine()
      yield* work(fixture.campaigns, engine)
      yield* TestClock.adjust("10 minutes")
      yield* fixture.start([{ emailAddress: "late@example.com" }], { id: "late" })
      yield* end(fixture)
      assert.strictEqual((yield* fixture.campaigns.get("late")).state, "completed")
      deepStrictEqual(yield* fixture.emails, { ...oneEach(people), "late@example.com": 1 })
    }))

  it.scoped("two processes share one engine, and everybody is invited once", () =>
    Effect.gen(function*() {
      const fixture = yield* makeCampaign
      const { bodies, engine } = yield* makeEngine()
      const { campaigns, slices } = counted(fixture.campaigns)
      const other = counted(yield* fixture.process())
      yield* work(campaigns, engine)
      yield* work(other.campaigns, engine)
      yield* assertEnds(fixture)
      assert.isAtLeast(slices() + other.slices(), 6)
      assert.isTrue(bodies() >= 6 && bodies() <= 12, `${bodies()} executions`)
    }))

  it.scoped("another engine goes on after the first has lost everything", () =>
    Effect.gen(function*() {
      const fixture = yield* makeCampaign
      yield* Effect.scoped(Effect.gen(function*() {
        const { engine } = yield* makeEngine()
        yield* work(fixture.campaigns, engine)
        yield* TestClock.adjust("30 seconds")
      }))
      const { counts } = yield* fixture.campaigns.get(id)
      assert.isTrue(counts.Created > 0 && counts.Created < people)
      yield* TestClock.adjust("10 minutes")
      const { bodies, engine } = yield* makeEngine()
      yield* work(fixture.campaigns, engine)
      yield* assertEnds(fixture)
      assert.isAbove(bodies(), 1)
    }))

  const faults: ReadonlyArray<readonly [string, Parameters<typeof makeEngine>[0]]> = [
    ["that dies", { body: (call) => call === 1 ? Effect.dieMessage("the execution dies") : Effect.void }],
    ["that never begins to work", { body: (call) => call === 1 ? Effect.never : Effect.void }],
    ["whose start dies", { start: (call) => call === 1 ? Effect.dieMessage("the start dies") : Effect.void }],
    ["whose start does not answer", {
      start: (call) => call === 1 ? Effect.uninterruptible(Effect.never) : Effect.void
    }]
  ]
  for (const [name, fault] of faults) {
    it.scoped(`replaces an execution ${name}`, () =>
      Effect.gen(function*() {
        const fixture = yield* makeCampaign
        const { bodies, engine } = yield* makeEngine(fault)
        yield* work(fixture.campaigns, engine)
        yield* assertEnds(fixture)
        // The later slices are performed by executions again.
        assert.isAbove(bodies(), 4)
      }))
  }

  it.scoped("goes on while the engine executes nothing", () =>
    Effect.gen(function*() {
      const fixture = yield* makeCampaign
      const { engine } = yield* makeEngine({ body: () => Effect.never })
      yield* work(fixture.campaigns, engine)
      yield* assertEnds(fixture, 10 * every)
    }))

  it.scoped("takes over from an execution that hangs while it has the lease", () =>
    Effect.gen(function*() {
      const fixture = yield* makeCampaign
      const latch = yield* Deferred.make<unknown>()
      const hanging = yield* fixture.process({
        store: {
          ...fixture.store,
          remaining: (load) =>
            Effect.zipLeft(fixture.store.remaining(load), Effect.uninterruptible(Deferred.await(latch)))
        }
      })
      const { engine } = yield* makeEngine()
      let calls = 0
      const runDue = Effect.suspend(() => ++calls === 1 ? hanging.runDue : fixture.campaigns.runDue)
      yield* work({ ...fixture.campaigns, runDue }, engine)
      yield* Effect.addFinalizer(() => Deferred.succeed(latch, undefined))
      yield* assertEnds(fixture)
      assert.isAbove(calls, 2)
    }))

  it.scoped("survives defects of runDue and a store that is away for a minute", () =>
    Effect.gen(function*() {
      const fixture = yield* makeCampaign
      const { engine } = yield* makeEngine()
      const away = Effect.flatMap(Effect.clock, (clock) => {
        const now = clock.unsafeCurrentTimeMillis()
        return now > 15_000 && now < 75_000
          ? Effect.fail(new StoreError({ operation: "due", code: Option.none() }))
          : Effect.void
      })
      let calls = 0
      yield* work({
        ...fixture.campaigns,
        runDue: Effect.suspend(() =>
          ++calls === 1 ? Effect.dieMessage("runDue dies") : Effect.zipRight(away, fixture.campaigns.runDue)
        ),
        nextDue: Effect.zipRight(away, fixture.campaigns.nextDue),
        awaitDue: (options) => Effect.zipRight(away, fixture.campaigns.awaitDue(options))
      }, engine)
      yield* assertEnds(fixture)
    }))

  it.scoped("fails with a ConfigError if `every` is not a duration", () =>
    Effect.gen(function*() {
      const { campaigns } = yield* makeCampaign
      const { engine } = yield* makeEngine()
      const error = yield* Effect.flip(work(campaigns, engine, { every: -1 }))
      deepStrictEqual(
        error,
        ConfigError.InvalidData(
          ["every"],
          "every must be a duration: 0 or more milliseconds, or text such as \"5 seconds\""
        )
      )
    }))
})
