import * as Option from "effect/Option"
import type { CampaignRow } from "./row.js"
import * as Settings from "./settings.js"

// A due campaign waits for the next poll of a process. Only after this time it stands still, in milliseconds.
const grace = 60_000

/**
 * Since when a campaign stands still, and why.
 */
export interface Stall {
  readonly since: number
  readonly reason: string
}

/**
 * Whether a running campaign is due without a process that works on it.
 */
export const stall = (row: CampaignRow, now: number): Option.Option<Stall> => {
  if (row.state !== "running" || row.wakeAt === null) return Option.none()
  // The campaign is tried again at `wakeAt`.
  if (row.stalledReason !== null) return Option.some({ since: Math.min(row.wakeAt, now), reason: row.stalledReason })
  const since = Math.max(row.wakeAt, row.leaseUntil ?? 0)
  if (row.version > Settings.version || Option.isNone(Settings.fromJson(row.settings))) {
    return Option.some({ since, reason: "the campaign is stored in a form that this version cannot read" })
  }
  return now - since > grace ? Option.some({ since, reason: "no process calls runDue" }) : Option.none()
}
