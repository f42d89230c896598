import type { Campaign, CampaignState, PersonState } from "@effect-clerk/http/InviteCampaign"
import type { IllegalTransition, NoSuchCampaign, StoreError } from "@effect-clerk/http/InviteCampaignError"
import { InviteCampaigns, type Service } from "@effect-clerk/http/InviteCampaigns"
import { type DateTime, Effect, Option, Stream } from "effect"
import { ask, confirm } from "../settings/confirm.js"
import { onInterrupt, printLine, printLines, printNote, Stdio } from "../terminal/stdio.js"
import * as Campaigns from "./campaigns.js"
import { checkEnd } from "./end.js"
import { fromCampaignError } from "./failure.js"
import * as Progress from "./progress.js"
import * as Report from "./report.js"
import { all, checkKey, work } from "./work.js"

interface Flags extends Campaigns.DatabaseFlag {
  readonly json: boolean
}

interface OneCampaign extends Flags {
  readonly id: string
}

const print = (campaign: Campaign, options: { readonly json: boolean }) =>
  printLine(options.json ? Report.campaignJson(campaign) : Report.details(campaign))

const withCampaigns =
  (flags: Campaigns.DatabaseFlag, access?: Campaigns.Access) =>
  <A, E, R>(self: (campaigns: Service) => Effect.Effect<A, E, R>) =>
    Effect.flatMap(InviteCampaigns, self).pipe(Effect.provide(Campaigns.layer(flags, access)))

/**
 * Works on all campaigns.
 */
export const run = (options: Flags & { readonly untilDone: boolean; readonly yes: boolean }) =>
  withCampaigns(options, { sends: true })((campaigns) =>
    Effect.gen(function*() {
      const remaining = (yield* all(campaigns, "running")).reduce((sum, { remaining }) => sum + remaining, 0)
      yield* confirm(`Sending e-mails to the people of all campaigns, ${remaining} of them now`, options)
      yield* checkKey
      yield* onInterrupt(() => "Interrupted. The campaigns continue with: effect-clerk campaign run")
      const ended = yield* work({ json: options.json, until: options.untilDone ? "done" : "interrupted" })
      yield* checkEnd(ended)
    })
  ).pipe(Effect.catchTag("StoreError", fromCampaignError))

/**
 * Prints one campaign.
 */
export const status = (options: OneCampaign) =>
  withCampaigns(options)(({ get }) => Effect.flatMap(get(options.id), (campaign) => print(campaign, options))).pipe(
    Effect.catchTag("NoSuchCampaign", "StoreError", fromCampaignError)
  )

/**
 * Follows a campaign until its end: as a bar in a terminal, otherwise as one JSON object for each change.
 */
export const watch = (options: OneCampaign) =>
  withCampaigns(options)(({ get, watch }) =>
    Effect.gen(function*() {
      const { stdout } = yield* Stdio
      const hasBar = stdout.isTerminal && !options.json
      yield* onInterrupt(() => "Interrupted. The campaign is not affected.")
      yield* Stream.runForEach(
        watch(options.id),
        (campaign) => hasBar ? Progress.draw(stdout, campaign) : printLine(Report.campaignJson(campaign))
      )
      const campaign = yield* get(options.id)
      if (hasBar) yield* Effect.zipRight(Progress.erase(stdout), print(campaign, options))
      yield* checkEnd([campaign])
    })
  ).pipe(Effect.catchTag("NoSuchCampaign", "StoreError", fromCampaignError))

/**
 * Lists campaigns.
 */
export const list = (options: Flags & { readonly state: Option.Option<CampaignState> }) =>
  withCampaigns(options)((campaigns) =>
    Effect.gen(function*() {
      const found = yield* all(campaigns, Option.getOrUndefined(options.state))
      if (options.json) return yield* printLines(Stream.map(Stream.fromIterable(found), Report.campaignJson))
      if (found.length > 0) yield* printLine([Report.header, ...found.map(Report.row)].join("\n"))
    })
  ).pipe(Effect.catchTag("StoreError", fromCampaignError))

/**
 * Prints the people of a campaign, as CSV or as JSON.
 */
export const people = (options: OneCampaign & { readonly outcome: Option.Option<PersonState> }) =>
  withCampaigns(options)(({ get, people }) =>
    Effect.gen(function*() {
      // Fails before the header is printed.
      yield* get(options.id)
      const found = people(options.id, { outcome: Option.getOrUndefined(options.outcome) })
      yield* printLines(
        options.json
          ? Stream.map(found, Report.personJson)
          : Stream.concat(Stream.make(Report.peopleHeader), Stream.map(found, Report.personCsv))
      )
    })
  ).pipe(Effect.catchTag("NoSuchCampaign", "StoreError", fromCampaignError))

const change = (
  options: OneCampaign,
  transition: (campaigns: Service) => Effect.Effect<Campaign, NoSuchCampaign | IllegalTransition | StoreError>
) =>
  withCampaigns(options)((campaigns) => Effect.flatMap(transition(campaigns), (campaign) => print(campaign, options)))
    .pipe(Effect.catchTag("IllegalTransition", "NoSuchCampaign", "StoreError", fromCampaignError))

/**
 * Stops a campaign for now.
 */
export const pause = (options: OneCampaign) => change(options, ({ pause }) => pause(options.id))

/**
 * Continues a paused or failed campaign.
 */
export const resume = (options: OneCampaign) => change(options, ({ resume }) => resume(options.id))

/**
 * Ends a campaign for good.
 */
export const cancel = (options: OneCampaign) => change(options, ({ cancel }) => cancel(options.id))

/**
 * Lets a campaign send again to people with these outcomes.
 */
export const retry = (options: OneCampaign & { readonly outcomes: ReadonlyArray<"Rejected" | "Unknown"> }) =>
  change(options, ({ retry }) => retry(options.id, { outcomes: options.outcomes }))

/**
 * Removes a campaign with its people.
 */
export const remove = (options: OneCampaign & { readonly yes: boolean }) =>
  withCampaigns(options)((campaigns) =>
    Effect.gen(function*() {
      const { remaining, total } = yield* campaigns.get(options.id)
      yield* ask(`Removing the campaign with its ${total} people, ${remaining} of them not yet invited`, options)
      yield* campaigns.delete(options.id)
      yield* options.json ? printLine(JSON.stringify({ id: options.id, deleted: true })) : printNote("Removed.")
    })
  ).pipe(Effect.catchTag("NoSuchCampaign", "StoreError", fromCampaignError))

/**
 * Removes the campaigns that ended before a time.
 */
export const prune = (options: Flags & { readonly endedBefore: DateTime.Utc }) =>
  withCampaigns(options)(({ prune }) =>
    Effect.gen(function*() {
      const removed = yield* prune({ endedBefore: options.endedBefore })
      yield* options.json
        ? printLine(JSON.stringify({ removed }))
        : printNote(`${removed} ${removed === 1 ? "campaign" : "campaigns"} removed.`)
    })
  ).pipe(Effect.catchTag("StoreError", fromCampaignError))
