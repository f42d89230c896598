import { InvitationsService } from "@effect-clerk/core"
import type { Campaign, CampaignState } from "@effect-clerk/http/InviteCampaign"
import type { Service } from "@effect-clerk/http/InviteCampaigns"
import * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
import { Effect, Layer, Option } from "effect"
import { InvitationsLive } from "../settings/service.js"
import * as Progress from "./progress.js"

const pageSize = 1000

// Between two looks at the campaigns, in milliseconds. A small campaign ends within moments.
const shortestPause = 100
const longestPause = 1000

/**
 * All campaigns in a state; all campaigns without one.
 */
export const all = (
  { list }: Service,
  state?: CampaignState
): Effect.Effect<ReadonlyArray<Campaign>, Effect.Effect.Error<ReturnType<Service["list"]>>> => {
  const from = (
    after: string | undefined,
    found: ReadonlyArray<Campaign>
  ): Effect.Effect<ReadonlyArray<Campaign>, Effect.Effect.Error<ReturnType<Service["list"]>>> =>
    Effect.flatMap(list({ state, after, limit: pageSize }), (page) => {
      const campaigns = [...found, ...page]
      return page.length < pageSize ? Effect.succeed(campaigns) : from(page.at(-1)?.id, campaigns)
    })
  return from(undefined, [])
}

/**
 * Fails on a wrong key or URL, with which every campaign would fail.
 */
export const checkKey = Effect.flatMap(InvitationsService, ({ list }) => list({ limit: 1 })).pipe(
  Effect.provide(InvitationsLive)
)

const isStopped = ({ hasEnded, state }: Campaign): boolean => hasEnded || state === "paused"

/**
 * What ends the work: a campaign that has ended or was paused, or that no campaign has something to send or to find out. Without
 * it, the work goes on until it is interrupted.
 */
export type Until = { readonly campaign: string } | "done" | "interrupted"

/**
 * Works on all campaigns. Returns those that have ended meanwhile. The campaign of `until` is among them. A database that fails
 * does not end the work: the poller logs it, and asks again.
 */
export const work = (options: { readonly json: boolean; readonly until: Until }) =>
  Effect.scoped(Effect.gen(function*() {
    const campaigns = yield* InviteCampaigns.InviteCampaigns
    const reporter = yield* Progress.makeReporter(options)
    const open = new Set<string>()
    const stopped = new Map<string, Campaign>()

    const stop = (id: string) =>
      Effect.flatMap(
        // A campaign that was deleted is not reported.
        campaigns.get(id).pipe(
          Effect.asSome,
          Effect.catchTag("NoSuchCampaign", () => Effect.succeed(Option.none<Campaign>()))
        ),
        Option.match({
          onNone: () => Effect.asVoid(Effect.sync(() => open.delete(id))),
          onSome: (campaign) => {
            if (!isStopped(campaign)) return Effect.void
            open.delete(id)
            stopped.set(id, campaign)
            return reporter.stopped(campaign)
          }
        })
      )

    // A cancelled campaign still finds out the outcomes of its last posts.
    const isDone = Effect.map(all(campaigns, "cancelled"), (found) => found.every(({ counts }) => counts.sending === 0))

    // Returns whether the work has ended.
    const look = Effect.gen(function*() {
      const { until } = options
      const running = yield* all(campaigns, "running")
      for (const campaign of running) {
        open.add(campaign.id)
        stopped.delete(campaign.id)
        yield* reporter.running(campaign)
      }
      for (const id of Array.from(open)) if (!running.some((campaign) => campaign.id === id)) yield* stop(id)
      if (until === "interrupted") return false
      if (until === "done") return running.length === 0 && (yield* isDone)
      if (!stopped.has(until.campaign) && !open.has(until.campaign)) yield* stop(until.campaign)
      return stopped.has(until.campaign) || !open.has(until.campaign)
    }).pipe(Effect.catchTag("StoreError", () => Effect.succeed(false)))

    // Before the poller starts: a short campaign would end unseen.
    let hasEnded = yield* look
    if (!hasEnded) yield* Layer.build(InviteCampaigns.layerPoller())
    for (let pause = shortestPause; !hasEnded; pause = Math.min(pause * 2, longestPause)) {
      yield* Effect.sleep(pause)
      hasEnded = yield* look
    }
    return Array.from(stopped.values())
  }))
