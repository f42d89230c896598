import type { InvitationAttempts } from "@effect-clerk/core/InvitationAttempts"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { StoreError } from "../../../InviteCampaignError.js"
import * as Problem from "../model/problem.js"
import type { Unreadable } from "../model/request.js"
import type { CampaignRow } from "../model/row.js"
import { hasEnded } from "../model/row.js"
import type { Settings } from "../model/settings.js"
import type { Tuning } from "../model/tuning.js"
import { longestCall, quotasOf } from "../model/tuning.js"
import type { CampaignStore, Lease, LeaseLost, SliceEnd as End } from "../store/store.js"
import * as CallLimit from "./callLimit.js"
import * as Doubts from "./doubts.js"
import * as FollowUps from "./followUps.js"
import * as Lane from "./lane.js"
import * as Measure from "./measure.js"
import * as Memo from "./memo.js"
import * as SliceEnd from "./sliceEnd.js"
import * as Stops from "./stop.js"
import type { Work } from "./work.js"

/**
 * What a slice works with.
 */
export interface Tools {
  readonly store: CampaignStore
  readonly attempts: InvitationAttempts.Service
  readonly tuning: Tuning
}

// People that are removed in one transaction.
const purgeSize = 1000

// When a campaign with a person that is not readable is tried again, in milliseconds.
const unreadablePause = 5 * 60_000

/**
 * Performs one slice of a campaign whose lease was just taken, and ends the lease. A campaign that is paused, cancelled
 * or taken over meanwhile is not an error. Fails with `StoreError` if the store failed; the campaign stays due.
 */
export const run = (
  tools: Tools,
  row: CampaignRow,
  { settings, share }: Pick<Work, "settings" | "share">
): Effect.Effect<void, StoreError> => {
  const { store } = tools
  const lease: Lease = { id: row.id, load: row.load, fence: row.fence }
  // If the lease is lost here, another process has taken it over.
  const release = (end: End) =>
    Effect.catchTag(store.release(lease, { ...end, from: row.state }), "LeaseLost", () => Measure.fenced)
  // Best effort: if it fails, the lease ends by itself.
  const releaseAfterFailure = (end: (now: number) => Partial<End>) =>
    store.now.pipe(
      Effect.flatMap((now) => release({ ...unchanged(row), ...end(now) })),
      Effect.ignore
    )
  const failedOnceMore = (now: number) => ({
    wakeAt: now + SliceEnd.backoff(row.failures + 1),
    failures: row.failures + 1
  })
  return Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.exit(restore(end(tools, lease, row, { settings, share }))), (exit) => {
      if (Exit.isSuccess(exit)) return release(exit.value)
      const failure = Cause.failureOption(exit.cause)
      if (Option.isNone(failure)) {
        // A defect interrupts the calls beside it, and must not end the poller.
        const isInterrupted = Cause.isInterruptedOnly(exit.cause)
        return Effect.zipRight(
          isInterrupted
            ? releaseAfterFailure((now) => ({ wakeAt: now }))
            : releaseAfterFailure((now) => ({ ...failedOnceMore(now), problem: defect })),
          isInterrupted ? Effect.interrupt : Effect.void
        )
      }
      switch (failure.value._tag) {
        case "LeaseLost":
          // A campaign that was paused can be resumed at once. If another process has the lease, nothing happens.
          return releaseAfterFailure(() => ({}))
        case "Unreadable":
          return releaseAfterFailure((now) => ({
            wakeAt: now + unreadablePause,
            stalledReason: "a person is stored in a form that this version cannot read"
          }))
        case "StoreError":
          return Effect.zipRight(releaseAfterFailure(failedOnceMore), failure.value)
      }
    })
  )
}

const defect = Problem.toJson({ _tag: "Defect", message: "the slice ended with a defect" })

const unchanged = (row: CampaignRow): End => ({
  state: row.state,
  wakeAt: row.wakeAt,
  failures: row.failures,
  sendAt: row.sendAt,
  problem: row.problem,
  stalledReason: null
})

const end = (
  tools: Tools,
  lease: Lease,
  row: CampaignRow,
  { settings, share }: Pick<Work, "settings" | "share">
): Effect.Effect<End, StoreError | LeaseLost | Unreadable> =>
  Effect.gen(function*() {
    const { attempts, store, tuning } = tools
    const { load } = row
    if (load === null) return { ...unchanged(row), wakeAt: null }
    const now = yield* store.now
    const memo = Memo.make(row.suspicion, settings)
    const until = now + tuning.slice
    const callLimit = yield* CallLimit.make(longestCall(tuning))
    const work: Work = {
      store,
      attempts,
      tuning,
      quotas: quotasOf(tuning),
      settings,
      lease,
      load,
      until,
      share,
      memo,
      callLimit,
      progress: { outcomes: 0 }
    }
    if (!hasEnded(row.state)) return yield* send(work, row)
    if (now >= purgeAt(row, settings)) return yield* purge(work, row)
    return yield* settleDoubts(work, row)
  }).pipe(Effect.scoped)

const purgeAt = (row: CampaignRow, { retention }: Settings): number => (row.endedAt ?? 0) + retention

const send = (work: Work, row: CampaignRow) =>
  Effect.gen(function*() {
    const { load, quotas, settings, store } = work
    const doubts = yield* Doubts.resolve(work)
    const taken = new Set<number>()
    const lanes: ReadonlyArray<Lane.Lane> = [
      { operation: "createBulk", quota: quotas.createBulk, taken },
      ...(settings.useSingleCreates ? [{ operation: "create", quota: quotas.create, taken } as const] : [])
    ]
    const isHeld = row.sendAt !== null && row.sendAt > (yield* store.now)
    const sends = !isHeld && (doubts._tag === "Empty" || doubts._tag === "Wait")
    const followUps = sends ? yield* FollowUps.resolve(work) : Stops.empty
    const stops = sends
      ? [
        doubts,
        followUps,
        ...yield* Effect.forEach(lanes, (lane) => Lane.run(work, lane), { concurrency: "unbounded" })
      ]
      : [doubts]
    const remaining = yield* store.remaining(load)
    const now = yield* store.now
    return SliceEnd.ofRunning(row, {
      hasProgressed: work.progress.outcomes > 0,
      isHeld,
      doubts,
      followUps,
      stops,
      remaining,
      now,
      retention: settings.retention
    })
  })

/**
 * A campaign that was cancelled sends nothing, but finds the outcomes of its last posts out.
 */
const settleDoubts = (work: Work, row: CampaignRow) =>
  Effect.gen(function*() {
    const stop = yield* Doubts.resolve(work)
    const { checkAt } = yield* work.store.remaining(work.load)
    const now = yield* work.store.now
    const next = stop._tag === "Wait"
      ? stop.until
      : stop._tag === "Failure"
      ? now + SliceEnd.backoff(row.failures + 1)
      : now
    return {
      ...unchanged(row),
      failures: stop._tag === "Failure" ? row.failures + 1 : 0,
      wakeAt: checkAt === null || stop._tag === "Refused" ? purgeAt(row, work.settings) : Math.max(checkAt, next)
    }
  })

/**
 * Removes the people of a campaign whose retention is over. Its counts and its digest stay.
 */
const purge = ({ lease, load, store, until }: Work, row: CampaignRow) =>
  Effect.gen(function*() {
    const counts = row.finalCounts ?? JSON.stringify(yield* store.counts(load))
    while (!(yield* store.purge(lease, counts, purgeSize))) {
      const now = yield* store.now
      if (now >= until) return { ...unchanged(row), wakeAt: now }
    }
    return { ...unchanged(row), wakeAt: null }
  })
