import * as Metrics from "@effect-clerk/http/InviteCampaignMetrics"
import * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
import * as InviteCampaignWorkflow from "@effect-clerk/http/InviteCampaignWorkflow"
import { assert, describe, it } from "@effect/vitest"
import { assertNone, deepStrictEqual } from "@effect/vitest/utils"
import { WorkflowEngine } from "@effect/workflow"
import { ConfigError, Effect, Layer, Logger, Metric, Option, TestClock } from "effect"
import * as MemoryStore from "../../src/internal/campaign/store/memoryStore.js"
import { StoreError } from "../../src/InviteCampaignError.js"
import { makeFixture, oneEach } from "./behaviour/fixture.js"

const id = "campaign"

const fixture = makeFixture((now) => MemoryStore.make({ now }))

type Driver = (options?: { readonly every?: number; readonly work?: boolean }) => Layer.Layer<
  never,
  ConfigError.ConfigError,
  InviteCampaigns.InviteCampaigns
>

const drivers: ReadonlyArray<readonly [name: string, driver: Driver]> = [
  ["InviteCampaigns.layerPoller", InviteCampaigns.layerPoller],
  [
    "InviteCampaignWorkflow.layer",
    (options) => Layer.provide(InviteCampaignWorkflow.layer(options), WorkflowEngine.layerMemory)
  ]
]

for (const [name, driver] of drivers) {
  /** A process with the driver, until the scope closes. */
  const drive = (campaigns: InviteCampaigns.Service, options?: Parameters<Driver>[0]) =>
    Effect.provideService(Layer.build(driver(options)), InviteCampaigns.InviteCampaigns, campaigns)

  // A worker notices a campaign of another process after `every`, and the workflow then wakes an execution up.
  const twoMinutes = Effect.replicateEffect(TestClock.adjust("5 seconds"), 24)

  describe(name, () => {
    it.scoped("performs no slice with `work: false`, and starts, watches and pauses campaigns", () =>
      Effect.gen(function*() {
        const { campaigns, emails, start } = yield* fixture
        yield* drive(campaigns, { work: false })
        yield* start(12)
        yield* twoMinutes
        deepStrictEqual(yield* emails, {})
        const { counts, stalledReason } = yield* campaigns.get(id)
        assert.strictEqual(counts.pending, 12)
        deepStrictEqual(stalledReason, Option.some("no process calls runDue"))
        assert.strictEqual((yield* campaigns.pause(id)).state, "paused")
      }))

    it.scoped("works beside a process with `work: false`", () =>
      Effect.gen(function*() {
        const { campaigns, emails, process, start } = yield* fixture
        yield* drive(campaigns, { work: false })
        yield* drive(yield* process({ isShared: true }), { work: true })
        yield* start(12)
        yield* twoMinutes
        assert.strictEqual((yield* campaigns.get(id)).state, "completed")
        deepStrictEqual(yield* emails, oneEach(12))
      }))

    it.scoped("reports with `work: false` that no process works, also after a failure of the store", () =>
      Effect.gen(function*() {
        const { process, start, store } = yield* fixture
        let calls = 0
        const campaigns = yield* process({
          store: {
            ...store,
            due: (query) =>
              Effect.suspend(() =>
                ++calls === 1 ? new StoreError({ operation: "due", code: Option.none() }) : store.due(query)
              )
          }
        })
        yield* start(1)
        const stalled = Effect.map(Metric.value(Metric.tagged(Metrics.stalled, "test", name)), ({ value }) => value)
        yield* drive(campaigns, { work: false })
        yield* TestClock.adjust("20 seconds")
        assert.strictEqual(yield* stalled, 0)
        yield* TestClock.adjust("45 seconds")
        assert.strictEqual(yield* stalled, 1)
      }).pipe(Effect.tagMetrics("test", name), Effect.provide(Logger.remove(Logger.defaultLogger))))

    it.scoped("fails with a ConfigError if `work` is neither true nor false", () =>
      Effect.gen(function*() {
        const { campaigns } = yield* fixture
        deepStrictEqual(
          // @ts-expect-error work is a boolean
          yield* Effect.flip(drive(campaigns, { work: "no" })),
          ConfigError.InvalidData(["work"], "work must be true or false")
        )
      }))
  })
}

describe("InviteCampaignWorkflow.layer", () => {
  it.scoped("does not register the workflow with `work: false`, so the engine runs it on another process", () =>
    Effect.gen(function*() {
      const { campaigns } = yield* fixture
      const registered: Array<string> = []
      const engine = yield* WorkflowEngine.WorkflowEngine
      const recording: typeof engine = {
        ...engine,
        register: (workflow, execute) => {
          registered.push(workflow.name)
          return engine.register(workflow, execute)
        }
      }
      const build = (work: boolean) =>
        Layer.build(InviteCampaignWorkflow.layer({ work })).pipe(
          Effect.provideService(InviteCampaigns.InviteCampaigns, campaigns),
          Effect.provideService(WorkflowEngine.WorkflowEngine, recording)
        )
      yield* build(false)
      deepStrictEqual(registered, [])
      yield* build(true)
      deepStrictEqual(registered, [InviteCampaignWorkflow.WakeUp.name])
      assertNone(yield* campaigns.nextDue)
    }).pipe(Effect.provide(WorkflowEngine.layerMemory)))
})
