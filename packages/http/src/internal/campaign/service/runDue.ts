import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { StoreError } from "../../../InviteCampaignError.js"
import * as Settings from "../model/settings.js"
import * as Turns from "../model/turns.js"
import * as Measure from "../slice/measure.js"
import * as Slice from "../slice/slice.js"

// Campaigns that are read at a time, and those that run at a time.
const limit = 1000
const concurrency = 4

// Loads whose process has died, and the people that are removed in one transaction.
const staleLoads = 10
const discardSize = 1000

const tenantOf = (settings: string): Turns.Tenant => Option.getOrUndefined(Settings.fromJson(settings))?.tenant

/**
 * Performs one slice of every due campaign, and removes the people that a crashed `start` has left behind. Returns the
 * number of slices. A store that fails does not keep the other campaigns from their slices. The campaigns take turns, and
 * each uses at most its share of the limits.
 */
export const runDue = (tools: Slice.Tools, owner: string): Effect.Effect<number, StoreError> =>
  Effect.gen(function*() {
    const { store, tuning } = tools
    for (const load of yield* store.staleLoads(staleLoads)) yield* store.discardLoad(load, discardSize)
    const worker = { version: Settings.version, key: tuning.key, limit }
    const rows = yield* store.due(worker)
    yield* Measure.due(tools, rows)
    if (rows.length === 0) return 0
    const competing = yield* store.competing(worker)
    const shareOf = Turns.shares(competing.map(tenantOf))
    const slices = yield* Effect.forEach(rows, (row) =>
      Effect.either(Effect.gen(function*() {
        // A row that is not readable is left to another version.
        const settings = Settings.fromJson(row.settings)
        if (Option.isNone(settings)) {
          return 0
        }
        const acquired = yield* store.acquire(row.id, { owner, duration: tuning.lease })
        if (Option.isNone(acquired)) {
          return 0
        }
        yield* Measure.lease(row)
        yield* Slice.run(tools, acquired.value, { settings: settings.value, share: shareOf(settings.value.tenant) })
        return 1
      })), { concurrency })
    return (yield* Either.all(slices)).reduce<number>((sum, count) => sum + count, 0)
  })

/**
 * Measures the due campaigns and the quotas, as {@link runDue} does.
 */
export const measure = (tools: Slice.Tools): Effect.Effect<void, StoreError> =>
  Effect.flatMap(
    tools.store.due({ version: Settings.version, key: tools.tuning.key, limit }),
    (rows) => Measure.due(tools, rows)
  )
