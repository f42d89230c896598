import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { StoreError } from "../../../InviteCampaignError.js"
import type { Quota } from "../model/quota.js"
import type { FollowUp, LeaseLost, Settlement } from "../store/store.js"
import * as Measure from "./measure.js"
import type { Stop } from "./stop.js"
import type { Work } from "./work.js"

// An outcome that is not stored has to be found out again, so a short failure of the store is waited for.
const again = Schedule.intersect(Schedule.exponential("100 millis"), Schedule.recurs(5))

const isStoreError = ({ _tag }: StoreError | LeaseLost): boolean => _tag === "StoreError"

const isOutcome = ({ state }: Settlement): boolean => state !== "pending" && state !== "sending"

/**
 * Stores what becomes of people in the state `from`, and that calls are answered.
 */
export const settle = (
  { lease, memo, progress, settings, store }: Work,
  from: "pending" | "sending",
  settlements: ReadonlyArray<Settlement>,
  answered: ReadonlyArray<number>
): Effect.Effect<void, StoreError | LeaseLost> =>
  store.settle(lease, {
    from,
    settlements,
    answered,
    suspicion: memo.toJson(),
    followUpAfter: settings.followUp?.after
  }).pipe(
    Effect.retry({ schedule: again, while: isStoreError }),
    Effect.zipRight(Effect.suspend(() => {
      const outcomes = settlements.filter(isOutcome)
      progress.outcomes += outcomes.length
      return Measure.outcomes(outcomes)
    }))
  )

/**
 * Stores what becomes of people that are followed up, and that calls are answered.
 */
export const storeFollowUps = (
  { lease, progress, store }: Work,
  followUps: ReadonlyArray<FollowUp>,
  answered: ReadonlyArray<number>
): Effect.Effect<void, StoreError | LeaseLost> =>
  store.followUp(lease, { followUps, answered }).pipe(
    Effect.retry({ schedule: again, while: isStoreError }),
    Effect.zipRight(Effect.sync(() => {
      progress.outcomes += followUps.length
    }))
  )

// A 429 without `Retry-After` closes the quota for this time, in milliseconds.
const minClosed = 10_000

/**
 * Closes a quota for all campaigns if the server has answered a 429.
 */
export const closeQuota = ({ store }: Work, quota: Quota, stop: Stop | undefined): Effect.Effect<void, StoreError> =>
  stop?._tag === "Failure" && stop.error._tag === "TooManyRequests"
    ? Effect.retry(store.close(quota, Math.max(stop.retryAfter, minClosed)), again)
    : Effect.void
