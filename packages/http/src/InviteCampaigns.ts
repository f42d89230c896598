/**
 * Durable campaigns: invites thousands of people over days. A campaign outlives crashes, restarts and deployments, can be
 * watched, paused, resumed and cancelled from any process, and invites each person once.
 *
 * A store holds the campaigns: see `InviteCampaignsSql` for SQLite and other databases, and {@link layerMemory} for
 * tests. A process that calls {@link Service.runDue}, or provides {@link layerPoller}, sends the invitations.
 *
 * @since 0.1.0
 */
import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import { InvitationAttempts } from "@effect-clerk/core/InvitationAttempts"
import type { InvalidRequest } from "@effect-clerk/core/InvitationError"
import type { RateLimits } from "@effect-clerk/core/RateLimits"
import type { ConfigError } from "effect/ConfigError"
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import * as CampaignOptions from "./internal/campaign/service/options.js"
import * as Poller from "./internal/campaign/service/poller.js"
import * as CampaignService from "./internal/campaign/service/service.js"
import * as MemoryStore from "./internal/campaign/store/memoryStore.js"
import type { Campaign, CampaignState, Person, PersonState } from "./InviteCampaign.js"
import type { CampaignConflict, IllegalTransition, NoSuchCampaign, StoreError } from "./InviteCampaignError.js"

/**
 * A campaign to start.
 *
 * @since 0.1.0
 * @category models
 */
export interface Start<E = never, R = never> {
  /**
   * The id of the campaign, 1 to 200 characters, chosen by the caller. The same id never starts a second campaign. It
   * appears in spans and errors, so it must not contain personal data.
   */
  readonly id: string
  /**
   * The people to invite, any number of them. They are read once.
   */
  readonly people: Iterable<CreateInvitation.Input> | Stream.Stream<CreateInvitation.Input, E, R>
  /**
   * What to do if the address has a pending invitation of another client. Defaults to `"report"`.
   *
   * - `"report"`: the outcome is `AlreadyInvited`, with the id if `checkExisting` found the invitation.
   * - `"reuse"`: the same, but if Clerk rejects the address as a duplicate, the invitation is looked up then.
   * - `"resend"`: revokes the invitation, then creates another.
   */
  readonly onExisting?: "report" | "reuse" | "resend" | undefined
  /**
   * Whether to look up the invitations of an address before it is sent. Without it, a duplicate costs a call of the hourly
   * quota, and an invitation that another client creates in the two seconds before a crash may count as `Created`.
   * Defaults to `true`.
   */
  readonly checkExisting?: boolean | undefined
  /**
   * Whether to send single creates beside the bulk calls: 350 invitations an hour instead of 250. Defaults to `true`.
   */
  readonly useSingleCreates?: boolean | undefined
  /**
   * Whether people may have `ignoreExisting: true`. Clerk then does not refuse a second invitation for an address, so a
   * person is never posted again after an unknown outcome and may end as `Unknown`. Defaults to `false`.
   */
  readonly allowDuplicates?: boolean | undefined
  /**
   * How long the people are kept after the end of the campaign. Their requests are dropped once they are not needed. The
   * id, the digest and the counts are kept until `delete`. Defaults to 30 days.
   */
  readonly retention?: Duration.DurationInput | undefined
  /**
   * Invites people again that have not accepted: revokes the invitation and creates another, each time `after` is over since
   * the last one, up to `times` times. Who has accepted is counted in `accepted` of the campaign and left alone, and so
   * is a person whose invitation was revoked by another client. One more look, `after` the last follow-up, counts the last
   * acceptances; until then the campaign runs. `retention` must be longer than `times` times `after`.
   */
  readonly followUp?: {
    /** The time from an invitation to the next one. */
    readonly after: Duration.DurationInput
    /** How often a person is invited again, 1 to 100. Defaults to 1. */
    readonly times?: number | undefined
  } | undefined
  /**
   * For whom the campaign is sent, 1 to 200 characters, for example a customer of yours. Tenants whose campaigns wait for the
   * same limit have equal shares of it, and so have the campaigns of a tenant. By default each campaign is a tenant of its
   * own.
   */
  readonly tenant?: string | undefined
}

/**
 * The service.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * Starts a campaign and returns once all people are stored. If a campaign with the id was started before with the same
   * people and options, returns it with `started: false`; otherwise fails with `CampaignConflict`. All people are read and
   * validated in both cases: who does not want that calls `get` first.
   *
   * Fails with an `InvalidRequest` that names the person, for example `people[3].emailAddress`; then nothing is stored.
   */
  readonly start: <E = never, R = never>(
    options: Start<E, R>
  ) => Effect.Effect<
    { readonly campaign: Campaign; readonly started: boolean },
    CampaignConflict | InvalidRequest | StoreError | E,
    R
  >
  /** Returns a campaign. */
  readonly get: (id: string) => Effect.Effect<Campaign, NoSuchCampaign | StoreError>
  /**
   * Returns campaigns in the order of their ids, those after the id `after`. `limit` is 1 to 1000 and defaults to 100.
   */
  readonly list: (
    options?: {
      readonly state?: CampaignState | undefined
      readonly after?: string | undefined
      readonly limit?: number | undefined
    }
  ) => Effect.Effect<ReadonlyArray<Campaign>, InvalidRequest | StoreError>
  /**
   * Emits a campaign whenever it has changed, and ends after its end. Reads it every second by default.
   */
  readonly watch: (
    id: string,
    options?: { readonly every?: Duration.DurationInput | undefined }
  ) => Stream.Stream<Campaign, NoSuchCampaign | StoreError>
  /** Waits until a campaign has ended. Reads it every five seconds by default. */
  readonly await: (
    id: string,
    options?: { readonly every?: Duration.DurationInput | undefined }
  ) => Effect.Effect<Campaign, NoSuchCampaign | StoreError>
  /** Emits the people of a campaign in the order of their positions, those after the position `after`. */
  readonly people: (
    id: string,
    options?: { readonly outcome?: PersonState | undefined; readonly after?: number | undefined }
  ) => Stream.Stream<Person, NoSuchCampaign | StoreError>
  /** Returns the person with an address, compared without regard to case. `None` if the campaign has none. */
  readonly person: (
    id: string,
    emailAddress: string
  ) => Effect.Effect<Option.Option<Person>, NoSuchCampaign | StoreError>
  /** Stops sending. Calls in flight are completed. A paused campaign stays as it is. */
  readonly pause: (id: string) => Effect.Effect<Campaign, NoSuchCampaign | IllegalTransition | StoreError>
  /** Continues a paused or failed campaign. A running one stays as it is. */
  readonly resume: (id: string) => Effect.Effect<Campaign, NoSuchCampaign | IllegalTransition | StoreError>
  /**
   * Ends a campaign for good. Invitations that were sent stay valid, and the outcomes of the last posts are still found
   * out.
   */
  readonly cancel: (id: string) => Effect.Effect<Campaign, NoSuchCampaign | IllegalTransition | StoreError>
  /**
   * Sends again to people with these outcomes; a completed or failed campaign runs again. A retry of `Unknown` can create
   * a second invitation for people with `ignoreExisting: true`.
   */
  readonly retry: (
    id: string,
    options: { readonly outcomes: ReadonlyArray<"Rejected" | "Unknown"> }
  ) => Effect.Effect<Campaign, NoSuchCampaign | IllegalTransition | StoreError>
  /**
   * Removes a campaign with its people, in any state. Calls in flight may still create invitations. The id may be used
   * again.
   */
  readonly delete: (id: string) => Effect.Effect<void, NoSuchCampaign | StoreError>
  /** Removes the campaigns that ended before a time. Returns their number. */
  readonly prune: (options: { readonly endedBefore: DateTime.DateTime }) => Effect.Effect<number, StoreError>
  /**
   * Performs one slice of every due campaign, at most for the `slice` of the options each, and returns the number of
   * slices. Campaigns take turns: the one that sent longest ago goes first, and in a slice it makes at most its share of
   * the calls of each hourly limit, see `tenant`. A share that is not used is left to the others. Any number of processes may call it at any time: each campaign is leased to one of them. {@link layerPoller}
   * calls it; a scheduled function may call it instead, about once a minute.
   */
  readonly runDue: Effect.Effect<number, StoreError>
  /**
   * Sets the gauges of `InviteCampaignMetrics`, as each `runDue` does, and performs no slice. So a process that does not work
   * reports the campaigns that no process works on. {@link layerPoller} with `work: false` calls it.
   */
  readonly measure: Effect.Effect<void, StoreError>
  /**
   * When `runDue` has something to do next. `None` if nothing is due until a campaign is started, resumed or retried.
   */
  readonly nextDue: Effect.Effect<Option.Option<DateTime.Utc>, StoreError>
  /**
   * Waits until a campaign is due, or this process starts or changes one, or `every` is over, 5 seconds by default: then
   * another process may have started a campaign. Returns false if nothing is due. {@link layerPoller} waits like this.
   */
  readonly awaitDue: (
    options?: { readonly every?: Duration.DurationInput | undefined }
  ) => Effect.Effect<boolean, StoreError>
}

/**
 * Options of the layers.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * The rate limits of the Clerk instance, which all campaigns share. Calls outside of the campaigns count on the server
   * too: leave room for them. Defaults to `RateLimits.development`, whose hourly limits are those of production.
   */
  readonly limits?: RateLimits | undefined
  /**
   * The name of the Clerk instance in the store. Campaigns with one key share its limits. A process works on the campaigns that
   * were started with its key, so the campaigns of another instance need another key. Defaults to `"clerk"`.
   */
  readonly key?: string | undefined
  /**
   * How long a slice of a campaign sends. Defaults to 10 seconds.
   */
  readonly slice?: Duration.DurationInput | undefined
  /**
   * After which time without a renewal another process takes a campaign over: longer than `slice` and `callTimeout`
   * together. Defaults to 30 seconds.
   */
  readonly lease?: Duration.DurationInput | undefined
  /**
   * How long after the end of its slice a call may still take: at least the `timeout.attempt` of the HTTP layer. Defaults
   * to 12 seconds.
   */
  readonly callTimeout?: Duration.DurationInput | undefined
  /**
   * How long the list of invitations is read before a post with an unknown outcome counts as not found. Defaults to 1
   * minute.
   */
  readonly reconcileTimeout?: Duration.DurationInput | undefined
}

/**
 * The campaigns of an application.
 *
 * @since 0.1.0
 * @category services
 * @example
 * ```ts
 * import { InviteCampaigns } from "@effect-clerk/http/InviteCampaigns"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const campaigns = yield* InviteCampaigns
 *   const addresses = ["ada@example.com", "grace@example.com"]
 *   yield* campaigns.start({ id: "spring", people: addresses.map((emailAddress) => ({ emailAddress })) })
 *   const { counts } = yield* campaigns.await("spring")
 *   return counts.Created
 * })
 * ```
 */
export class InviteCampaigns extends Context.Tag("@effect-clerk/http/InviteCampaigns")<InviteCampaigns, Service>() {}

/**
 * Provides campaigns in memory, for tests: nothing survives the process. Sends nothing by itself: call `runDue`, or add
 * {@link layerPoller}. Fails with a `ConfigError` if an option is invalid.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { InvitationsMemory } from "@effect-clerk/http"
 * import * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
 * import { Effect, Layer, TestClock } from "effect"
 *
 * const TestLayer = InviteCampaigns.layerPoller().pipe(
 *   Layer.provideMerge(InviteCampaigns.layerMemory()),
 *   Layer.provideMerge(InvitationsMemory.layer())
 * )
 *
 * const test = Effect.gen(function*() {
 *   const campaigns = yield* InviteCampaigns.InviteCampaigns
 *   yield* campaigns.start({ id: "spring", people: [{ emailAddress: "ada@example.com" }] })
 *   yield* TestClock.adjust("1 minute")
 *   return yield* campaigns.get("spring") // state: "completed"
 * }).pipe(Effect.provide(TestLayer))
 * ```
 */
export const layerMemory = (options?: Options): Layer.Layer<InviteCampaigns, ConfigError, InvitationAttempts> =>
  Layer.effect(
    InviteCampaigns,
    Effect.gen(function*() {
      const attempts = yield* InvitationAttempts
      const tuning = yield* CampaignOptions.make(options)
      return yield* CampaignService.make({ store: yield* MemoryStore.make(), isShared: false, attempts, tuning })
    })
  )

/**
 * Calls `runDue` when a campaign is due, see `awaitDue`, until the scope closes. An interrupted slice ends
 * after the calls in flight. A store that fails is logged and asked again. Fails with a `ConfigError` if an option is invalid.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
 * import { Config, Effect, Layer } from "effect"
 *
 * // The same program is a worker, or with WORK=false a web process that starts and watches campaigns.
 * export const PollerLive = Layer.unwrapEffect(
 *   Effect.map(
 *     Config.withDefault(Config.boolean("WORK"), true),
 *     (work) => InviteCampaigns.layerPoller({ work })
 *   )
 * )
 * ```
 */
export const layerPoller = (
  options?: {
    /** How often to look for campaigns that another process has started. Defaults to 5 seconds. */
    readonly every?: Duration.DurationInput | undefined
    /**
     * Whether this process works on campaigns. With `false` it performs no slice, and calls `measure` each time that `every`
     * is over. Defaults to `true`.
     */
    readonly work?: boolean | undefined
  }
): Layer.Layer<never, ConfigError, InviteCampaigns> =>
  Layer.scopedDiscard(
    Effect.gen(function*() {
      const campaigns = yield* InviteCampaigns
      const every = yield* CampaignOptions.every(options?.every)
      const work = yield* CampaignOptions.work(options?.work)
      yield* Effect.forkScoped(work ? Poller.poll(campaigns, every) : Poller.measure(campaigns, every))
    })
  )
