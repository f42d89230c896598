import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import type { StoreError } from "../../../InviteCampaignError.js"
import * as Metrics from "../../../InviteCampaignMetrics.js"
import type { CampaignRow } from "../model/row.js"
import { stall } from "../model/stall.js"
import type { Tuning } from "../model/tuning.js"
import { quotasOf } from "../model/tuning.js"
import type { CampaignStore, Settlement } from "../store/store.js"

const names = ["all", "create", "createBulk"] as const

/**
 * Measures the due campaigns and the quotas.
 */
export const due = (
  { store, tuning }: { readonly store: CampaignStore; readonly tuning: Tuning },
  rows: ReadonlyArray<CampaignRow>
): Effect.Effect<void, StoreError> =>
  Effect.gen(function*() {
    const now = yield* store.now
    const quotas = quotasOf(tuning)
    const oldest = rows.reduce((time, { wakeAt }) => Math.min(time, wakeAt ?? now), now)
    yield* Metric.set(Metrics.due, rows.length)
    yield* Metric.set(Metrics.oldestDue, (now - oldest) / 1000)
    yield* Metric.set(Metrics.stalled, rows.filter((row) => Option.isSome(stall(row, now))).length)
    yield* Effect.forEach(names, (name) =>
      Effect.flatMap(store.room(quotas[name]), ({ free }) =>
        Metric.set(Metric.tagged(Metrics.quotaLeft, "quota", name), free)), { discard: true })
  })

/**
 * Counts a slice, and a lease that its last owner has not released. `row` is the campaign before the lease was taken.
 */
export const lease = (row: CampaignRow): Effect.Effect<void> =>
  Effect.zipRight(
    Metric.increment(Metrics.slices),
    row.leaseOwner === null ? Effect.void : Metric.increment(Metrics.takeOvers)
  )

/**
 * Counts a write that was refused because another process has the lease.
 */
export const fenced: Effect.Effect<void> = Metric.increment(Metrics.fencedWrites)

/**
 * Counts outcomes, by their state.
 */
export const outcomes = (settlements: ReadonlyArray<Settlement>): Effect.Effect<void> =>
  Effect.forEach(
    settlements,
    ({ state }) => Metric.increment(Metric.tagged(Metrics.outcomes, "outcome", state)),
    { discard: true }
  )
