import type * as Effect from "effect/Effect"
import type { StoreError } from "../../../InviteCampaignError.js"
import type { Quota } from "../model/quota.js"
import type { Booked, CampaignStore, LeaseLost } from "../store/store.js"
import type { Work } from "./work.js"

/**
 * Renews the lease of a slice and books calls. A call may begin as long as the lease lasts, so that it counts for as long. A
 * quota of which no call is needed is left out.
 */
export const book = (
  { lease, store, tuning }: Work,
  calls: ReadonlyArray<readonly [quota: Quota, amount: number]>,
  posts?: Pick<Parameters<CampaignStore["book"]>[1], "posts" | "checkAfter" | "lasts">
): Effect.Effect<Booked, StoreError | LeaseLost> =>
  store.book(lease, {
    ...posts,
    duration: tuning.lease,
    timeout: tuning.lease,
    bookings: calls.flatMap(([quota, amount]) => amount > 0 ? [{ quota, amount }] : [])
  })
