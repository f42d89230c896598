import type { InvitationAttempts } from "@effect-clerk/core/InvitationAttempts"
import type { Settings } from "../model/settings.js"
import type { Quotas, Tuning } from "../model/tuning.js"
import type { CampaignStore, Lease } from "../store/store.js"
import type { CallLimit } from "./callLimit.js"
import type { Memo } from "./memo.js"

/**
 * A slice in progress.
 */
export interface Work {
  readonly store: CampaignStore
  readonly attempts: InvitationAttempts.Service
  readonly tuning: Tuning
  readonly quotas: Quotas
  readonly settings: Settings
  readonly lease: Lease
  /** The people of the campaign. */
  readonly load: number
  /** When the slice stops sending, by the clock of the store. */
  readonly until: number
  /** The part of each hourly limit that the slice may use, see `turns.ts`. */
  readonly share: number
  readonly memo: Memo
  readonly callLimit: CallLimit
  /** The number of outcomes that the slice has stored. */
  readonly progress: { outcomes: number }
}
