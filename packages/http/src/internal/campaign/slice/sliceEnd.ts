import * as Problem from "../model/problem.js"
import type { CampaignRow } from "../model/row.js"
import type { Remaining, SliceEnd } from "../store/store.js"
import type { Stop } from "./stop.js"

// The delays after failures of the connection or of the server, in milliseconds.
const minBackoff = 1000
const maxBackoff = 5 * 60_000

// Twice the longest window of Clerk's published limits.
const maxRetryAfter = 2 * 60 * 60_000

// The shortest pause before a slice that has nothing to wait for.
const minPause = 1000

/**
 * The delay before the next slice after `failures` failed slices in a row.
 */
export const backoff = (failures: number): number =>
  Math.min(maxBackoff, minBackoff * 2 ** Math.min(30, Math.max(0, failures - 1)))

/**
 * The end of a slice of a running campaign, from the reasons for which its calls stopped. `doubts` is why the look-ups of
 * posts with unknown outcomes stopped, and `followUps` why the follow-ups stopped; both are of `stops`. `remaining` are the
 * people after the slice. `retention` is how long the people are kept after the end, in
 * milliseconds. `hasProgressed` is true if the slice has stored an outcome. `isHeld` is true if the slice posts no people,
 * because the time `sendAt` after a failure has not come.
 */
export const ofRunning = (
  row: CampaignRow,
  { doubts, followUps, hasProgressed, isHeld, now, remaining, retention, stops }: {
    readonly stops: ReadonlyArray<Stop>
    readonly doubts: Stop
    readonly followUps: Stop
    readonly isHeld: boolean
    readonly hasProgressed: boolean
    readonly remaining: Remaining
    readonly now: number
    readonly retention: number
  }
): SliceEnd => {
  const continues = { state: row.state, failures: 0, sendAt: null, problem: null, stalledReason: null }
  const refused = stops.find((stop) => stop._tag === "Refused")
  if (refused !== undefined) {
    return { ...continues, state: "failed", wakeAt: now + retention, problem: Problem.toJson(refused.error) }
  }
  if (remaining.pending + remaining.sending === 0 && remaining.followUpAt === null) {
    return { ...continues, state: "completed", wakeAt: now + retention }
  }
  const failed = stops.find((stop) => stop._tag === "Failure")
  // One call of many that fails must not make the pauses of a campaign long.
  const failures = failed === undefined ? isHeld ? row.failures : 0 : hasProgressed ? 1 : row.failures + 1
  const afterFailure = (retryAfter: number) => now + Math.max(backoff(failures), Math.min(retryAfter, maxRetryAfter))
  const sendAt = failed !== undefined ? afterFailure(failed.retryAfter) : isHeld ? row.sendAt : null
  const waits = stops.flatMap((stop) => stop._tag === "TimeIsUp" ? [now] : stop._tag === "Wait" ? [stop.until] : [])
  const wakeAt = remaining.pending === 0 ? [] : sendAt === null ? waits : [sendAt]
  // Look-ups that are due wait as well: for the rate limit, or after a failure.
  const earliestCheck = doubts._tag === "Wait"
    ? doubts.until
    : doubts._tag === "Failure"
    ? afterFailure(doubts.retryAfter)
    : now
  const checkAt = remaining.checkAt === null ? [] : [Math.max(remaining.checkAt, earliestCheck)]
  const followUpAt = remaining.followUpAt === null
    ? []
    : [Math.max(remaining.followUpAt, sendAt ?? now, followUps._tag === "Wait" ? followUps.until : now)]
  const next = [...wakeAt, ...checkAt, ...followUpAt]
  return {
    ...continues,
    wakeAt: next.length === 0 ? now + minPause : Math.min(...next),
    failures,
    sendAt,
    problem: failed !== undefined ? Problem.toJson(failed.error) : isHeld ? row.problem : null
  }
}
