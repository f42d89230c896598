import type { InvalidRequest } from "@effect-clerk/core/InvitationError"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { CampaignConflict, StoreError } from "../../../InviteCampaignError.js"
import * as Digest from "../model/digest.js"
import type { CampaignRow, NewPerson } from "../model/row.js"
import * as Settings from "../model/settings.js"
import type { CampaignStore } from "../store/store.js"
import * as People from "./people.js"

/**
 * A campaign to start.
 */
export interface Campaign<E, R> {
  readonly id: string
  /** The name of the Clerk instance that sends the campaign. */
  readonly key: string
  readonly people: People.Source<E, R>
  readonly settings: Settings.Settings
}

/**
 * The campaign with the id, and whether this call has started it.
 */
export interface Started {
  readonly row: CampaignRow
  readonly started: boolean
}

// People that are stored in one transaction.
const batchSize = 500

// How long a load is kept without a renewal, and how often it is renewed, in milliseconds.
const loadLease = 120_000
const renewal = loadLease / 4

// People of a load that are removed in one transaction.
const discardSize = 1000

interface Loaded {
  readonly digest: string
  readonly total: number
}

/**
 * Reads all people. `onBatch` gets them in batches.
 */
const read = <E, R, E2 = never>(
  { people, settings }: Campaign<E, R>,
  onBatch: (batch: Chunk.Chunk<NewPerson>) => Effect.Effect<void, E2>
): Effect.Effect<Loaded, InvalidRequest | E | E2, R> =>
  Effect.suspend(() => {
    const digest = Digest.make()
    let total = 0
    return People.validate(people, settings).pipe(
      Stream.tap(({ request }) =>
        Effect.sync(() => {
          digest.add(request)
          total++
        })
      ),
      Stream.grouped(batchSize),
      Stream.runForEach(onBatch),
      Effect.map((): Loaded => ({ digest: digest.hex(), total }))
    )
  })

const discard = (store: CampaignStore, load: number): Effect.Effect<void, StoreError> =>
  Effect.repeat(store.discardLoad(load, discardSize), { until: (isGone) => isGone }).pipe(Effect.asVoid)

/**
 * Compares the people with those of a campaign that was started before.
 */
const compare = (row: CampaignRow, digest: string): Effect.Effect<Started, CampaignConflict> =>
  row.digest === null || row.digest === digest
    ? Effect.succeed({ row, started: false })
    : Effect.fail(new CampaignConflict({ id: row.id, differs: "people" }))

/**
 * Starts the campaign with loaded people, unless another call was faster. The campaign may have been deleted meanwhile.
 * `renew` fails if the load was removed.
 */
const publish = <E, R>(
  store: CampaignStore,
  { id, key, settings }: Campaign<E, R>,
  { digest, load, renew, total }: Loaded & { readonly load: number; readonly renew: Effect.Effect<void, StoreError> }
): Effect.Effect<Started, CampaignConflict | StoreError> =>
  Effect.gen(function*() {
    while (true) {
      const published = yield* store.publish(id, load, { digest, total })
      if (Option.isSome(published)) return { row: published.value, started: true }
      const row = yield* store.get(id)
      if (Option.isSome(row) && row.value.state !== "loading") return yield* compare(row.value, digest)
      if (Option.isSome(row)) yield* renew
      else {
        yield* store.begin({ id, key, version: Settings.versionOf(settings), settings: Settings.toJson(settings) })
      }
    }
  })

/**
 * Stores the people and starts the campaign, unless another call has started it meanwhile. Two calls store the people
 * independently of each other, and one of them starts the campaign; the people of the other are removed, as are those of
 * a call that fails. Those of a process that dies are removed by `runDue`.
 */
const load = <E, R>(
  store: CampaignStore,
  campaign: Campaign<E, R>
): Effect.Effect<Started, CampaignConflict | InvalidRequest | StoreError | E, R> =>
  Effect.acquireUseRelease(
    store.openLoad(campaign.id, loadLease),
    (load) => {
      // A machine that was suspended may find its load removed. The source may not be readable twice, so the call fails.
      const add = (people: ReadonlyArray<NewPerson>) =>
        Effect.catchTag(
          store.addPeople(load, people, loadLease),
          "LeaseLost",
          () => new StoreError({ operation: "addPeople", code: Option.some("LOAD_REMOVED") })
        )
      // The source may be slow.
      const renewed = Effect.forever(Effect.delay(add([]), renewal))
      return read(campaign, (batch) => add(Chunk.toReadonlyArray(batch))).pipe(
        Effect.raceFirst(renewed),
        Effect.flatMap((loaded) => publish(store, campaign, { ...loaded, load, renew: add([]) }))
      )
    },
    (load, exit) =>
      Exit.isSuccess(exit) && exit.value.started
        ? Effect.void
        : discard(store, load).pipe(
          Effect.zipRight(Exit.isSuccess(exit) ? Effect.void : store.abandon(campaign.id)),
          Effect.ignore
        )
  )

/**
 * Starts a campaign, or compares it with the one that was started before with its id.
 */
export const start = <E, R>(
  store: CampaignStore,
  campaign: Campaign<E, R>
): Effect.Effect<Started, CampaignConflict | InvalidRequest | StoreError | E, R> =>
  Effect.gen(function*() {
    const settings = Settings.toJson(campaign.settings)
    const version = Settings.versionOf(campaign.settings)
    const row = yield* store.begin({ id: campaign.id, key: campaign.key, version, settings })
    const isSame = row.settings === settings && (row.key === null || row.key === campaign.key)
    if (!isSame) return yield* new CampaignConflict({ id: campaign.id, differs: "options" })
    if (row.state === "loading") return yield* load(store, campaign)
    const { digest } = yield* read(campaign, () => Effect.void)
    return yield* compare(row, digest)
  })
