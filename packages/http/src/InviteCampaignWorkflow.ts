/**
 * Works on durable campaigns by `@effect/workflow`: the engine chooses the process that performs the next slice, and wakes
 * it up. The store of the campaigns stays the only source of truth, so an engine that loses everything loses no invitation.
 *
 * Needs the optional peer `@effect/workflow`, and an engine, for example `ClusterWorkflowEngine` of `@effect/cluster`.
 *
 * @since 0.1.0
 */
import * as DurableClock from "@effect/workflow/DurableClock"
import * as Workflow from "@effect/workflow/Workflow"
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import type { ConfigError } from "effect/ConfigError"
import type * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as CampaignOptions from "./internal/campaign/service/options.js"
import * as Poller from "./internal/campaign/service/poller.js"
import { InviteCampaigns } from "./InviteCampaigns.js"

/**
 * The workflow that works on the campaigns from the moment at which one of them is due, until the next moment, for which it
 * starts another execution. Its name, its payload and its result never change, because executions of an older version are
 * stored.
 *
 * @since 0.1.0
 * @category workflows
 */
export const WakeUp = Workflow.make({
  name: "effect-clerk/InviteCampaigns/v1",
  // The moment, in milliseconds since the epoch. One moment has one execution, whichever processes start it.
  payload: { due: Schema.Number },
  idempotencyKey: ({ due }) => String(due)
})

/**
 * Options of the layer.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * How often each process looks for due campaigns, and how long one may wait for its execution before the process performs
   * the slice itself and starts a new execution. Defaults to 5 seconds.
   */
  readonly every?: Duration.DurationInput | undefined
  /**
   * Whether this process works on campaigns. With `false` it performs no slice and does not use the engine. It sets the
   * gauges of `InviteCampaignMetrics` each time that `every` is over. Defaults to `true`.
   */
  readonly work?: boolean | undefined
}

// An execution waits for a longer time in the engine, not in the memory of a process.
const longestWait = Duration.minutes(1)

/**
 * Works on the campaigns by executions of {@link WakeUp}, until the scope closes. Every process that may work provides this
 * layer instead of `InviteCampaigns.layerPoller`.
 *
 * Each process also looks at the store. If a campaign has been due for `every` and no execution works on it, the process
 * performs the slice itself and starts the next execution, so campaigns go on while the engine stands still. An engine works
 * on the campaigns of one store. Fails with a `ConfigError` if an option is invalid.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import * as InviteCampaignsSql from "@effect-clerk/http/InviteCampaignsSql"
 * import * as InviteCampaignWorkflow from "@effect-clerk/http/InviteCampaignWorkflow"
 * import { ClusterWorkflowEngine, SingleRunner } from "@effect/cluster"
 * import { Layer } from "effect"
 *
 * // Needs InvitationsHttp, and the SqlClient of a database for the campaigns and the engine.
 * export const CampaignsLive = InviteCampaignWorkflow.layer().pipe(
 *   Layer.provideMerge(InviteCampaignsSql.layer()),
 *   Layer.provide(ClusterWorkflowEngine.layer),
 *   Layer.provide(SingleRunner.layer())
 * )
 * ```
 */
export const layer = (
  options?: Options
): Layer.Layer<never, ConfigError, InviteCampaigns | WorkflowEngine> =>
  Layer.unwrapEffect(Effect.gen(function*() {
    const campaigns = yield* InviteCampaigns
    const every = yield* CampaignOptions.every(options?.every)
    if (!(yield* CampaignOptions.work(options?.work))) {
      return Layer.scopedDiscard(Effect.forkScoped(Poller.measure(campaigns, every)))
    }
    const { awaitDue, nextDue, runDue } = campaigns
    // Without the WorkflowInstance of an execution that starts the next, whose parent it would be.
    const context = yield* Effect.context<WorkflowEngine>()
    // An engine without its database may not answer.
    const start = (due: Option.Option<DateTime.Utc>) =>
      Option.match(due, {
        onNone: () => Effect.void,
        onSome: ({ epochMillis }) =>
          WakeUp.execute({ due: epochMillis }, { discard: true }).pipe(
            Effect.mapInputContext((_: Context.Context<never>) => context),
            Effect.disconnect,
            Effect.timeoutOption(every),
            Effect.asVoid
          )
      })

    /**
     * Performs slices until something else is due. A slice may be repeated, so it needs no Activity, and no result is stored
     * whose schema might change.
     */
    const work = (due: number) =>
      Effect.gen(function*() {
        let next: Option.Option<DateTime.Utc>
        do {
          const isDue = yield* awaitDue({ every: longestWait })
          const slices = yield* runDue
          // The process that has the lease, or the version that can read the campaign, works on it.
          if (isDue && slices === 0) yield* Effect.sleep(every)
          next = yield* nextDue
        } while (Option.exists(next, ({ epochMillis }) => epochMillis === due))
        yield* start(next)
      })

    const execution = ({ due }: typeof WakeUp.payloadSchema.Type) =>
      Effect.gen(function*() {
        const millis = due - (yield* Clock.currentTimeMillis)
        if (millis > Duration.toMillis(longestWait)) yield* DurableClock.sleep({ name: "due", duration: millis })
        // After a failure the supervisors start the next execution.
        yield* survive(work(due))
      })

    // The moment for which this process has started an execution in the previous round.
    let started = Option.none<DateTime.Utc>()

    const supervise = Effect.gen(function*() {
      // Also removes the people of a `start` that has crashed.
      if (!(yield* awaitDue({ every }))) {
        yield* runDue
        return
      }
      const due = yield* nextDue
      const isNeglected = Option.isSome(due) && Equal.equals(due, started)
      if (isNeglected) yield* runDue
      yield* start(isNeglected ? yield* nextDue : due)
      started = isNeglected ? Option.none() : due
      yield* Effect.sleep(every)
    })

    return Layer.scopedDiscard(
      survive(supervise, every).pipe(Effect.forever, Effect.forkScoped)
    ).pipe(Layer.provideMerge(WakeUp.toLayer(execution)))
  }))

/** Logs a failure or a defect, and waits. */
const survive = <A, E, R>(self: Effect.Effect<A, E, R>, wait: Duration.Duration = Duration.zero) =>
  Effect.catchAllCause(self, (cause) =>
    Cause.isInterruptedOnly(cause)
      ? Effect.interrupt
      : Effect.zipRight(Effect.logWarning("effect-clerk: the campaigns could not be run", cause), Effect.sleep(wait)))
