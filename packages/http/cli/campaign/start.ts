import { RateLimits } from "@effect-clerk/core"
import { InviteCampaigns } from "@effect-clerk/http/InviteCampaigns"
import { DateTime, type Duration, Effect, Either, Option, Stream } from "effect"
import type { CsvOptions } from "../csv/csvOptions.js"
import { type CsvFile, csvRows } from "../csv/csvRows.js"
import * as OutcomesFile from "../invite/outcomesFile.js"
import { plan } from "../invite/plan.js"
import { preflight } from "../invite/preflight.js"
import * as Source from "../invite/source.js"
import { confirm } from "../settings/confirm.js"
import { limits } from "../settings/service.js"
import { exitUsage } from "../terminal/exitCode.js"
import { onInterrupt, printLine, printNote } from "../terminal/stdio.js"
import * as Campaigns from "./campaigns.js"
import * as Database from "./database.js"
import { checkEnd } from "./end.js"
import { fromCampaignError } from "./failure.js"
import * as Report from "./report.js"
import { checkKey, work } from "./work.js"

/**
 * The flags of `campaign start`.
 */
export interface StartOptions extends CsvOptions, Campaigns.DatabaseFlag {
  readonly allowDuplicates: boolean
  readonly csv: string
  readonly followUpAfter: Option.Option<Duration.Duration>
  readonly followUpTimes: Option.Option<number>
  readonly id: string
  readonly json: boolean
  readonly noCheckExisting: boolean
  readonly noSingles: boolean
  readonly onExisting: "report" | "resend" | "reuse"
  readonly retention: Option.Option<Duration.Duration>
  readonly run: boolean
  readonly skipInvalid: boolean
  readonly tenant: Option.Option<string>
  readonly yes: boolean
}

const fileChanged = (file: CsvFile) => exitUsage(`${file.name} changed while it was read. Run the same command again.`)

// The rows of a file that was checked before.
const peopleOf = (file: CsvFile, options: StartOptions) =>
  csvRows(file, options).pipe(
    Stream.mapEffect((row) =>
      Either.isLeft(row) && !options.skipInvalid ? fileChanged(file) : Effect.succeed(Either.getRight(row))
    ),
    Stream.filterMap(
      Option.map(({ request }) => options.allowDuplicates ? { ...request, ignoreExisting: true } : request)
    )
  )

// Checks the whole file before anything is stored. Returns the number of addresses.
const check = (source: CsvFile, options: StartOptions) =>
  Effect.gen(function*() {
    const found = yield* preflight(source, { ...options, again: Option.none(), dryRun: false }, {
      now: yield* DateTime.now,
      pending: new Set(),
      previous: OutcomesFile.noPreviousRun
    }, () => Effect.void)
    if (found.invalid > 0 && !options.skipInvalid) {
      const rows = found.invalid === 1 ? "1 row is" : `${found.invalid} rows are`
      return yield* exitUsage(
        `${rows} invalid. Nothing was stored. Fix the file, or pass --skip-invalid to invite the others.`
      )
    }
    if (found.remaining === 0) return yield* exitUsage(`${source.name} has nobody to invite. Nothing was stored.`)
    yield* printNote(plan(found, yield* Effect.orElseSucceed(limits, () => RateLimits.production)))
    return found.remaining
  })

const followUpOf = ({ followUpAfter, followUpTimes }: StartOptions) =>
  Option.isNone(followUpAfter) && Option.isSome(followUpTimes)
    ? exitUsage("--follow-up-times needs --follow-up-after, for example --follow-up-after '7 days'.")
    : Effect.succeed(Option.getOrUndefined(
      Option.map(followUpAfter, (after) => ({ after, times: Option.getOrUndefined(followUpTimes) }))
    ))

/**
 * Stores the people of a CSV file as a campaign. With `run`, works on it until it has ended.
 */
export const start = (options: StartOptions) =>
  Effect.gen(function*() {
    const followUp = yield* followUpOf(options)
    const source = yield* Source.open(options.csv)
    const database = yield* Database.fromSetting(options.database)
    const addresses = yield* check(source, options)
    if (options.run) {
      yield* confirm(`Sending e-mails to ${addresses} ${addresses === 1 ? "address" : "addresses"}`, options)
      yield* checkKey
    }
    yield* onInterrupt(() => "Interrupted. Run the same command again to continue.")
    yield* Effect.gen(function*() {
      const { campaign, started } = yield* Effect.flatMap(InviteCampaigns, ({ start }) =>
        start({
          id: options.id,
          people: peopleOf(source, options),
          onExisting: options.onExisting,
          checkExisting: !options.noCheckExisting,
          useSingleCreates: !options.noSingles,
          allowDuplicates: options.allowDuplicates,
          retention: Option.getOrUndefined(options.retention),
          followUp,
          tenant: Option.getOrUndefined(options.tenant)
        }))
      yield* printLine(options.json ? Report.campaignJson(campaign) : Report.details(campaign))
      if (!started) yield* printNote("The campaign was started before with the same people. Nothing was changed.")
      if (options.run) {
        return yield* Effect.flatMap(work({ json: options.json, until: { campaign: options.id } }), checkEnd)
      }
      if (!campaign.hasEnded) {
        yield* printNote(
          `Nothing was sent yet. Work on it with: effect-clerk campaign run${
            Database.flagOf(database, options.database)
          }`
        )
      }
    }).pipe(Effect.provide(Campaigns.layer(options, { create: true, sends: options.run })))
  }).pipe(Effect.catchTag("CampaignConflict", "StoreError", fromCampaignError), Effect.scoped)
