import type { CampaignState, PersonState } from "@effect-clerk/http/InviteCampaign"
import { Args, Command, Options } from "@effect/cli"
import { DateTime, Duration, Effect, Option, Schema } from "effect"
import { csvOptions } from "../csv/csvOptions.js"
import * as flags from "../settings/flags.js"
import { withSettings } from "../settings/withSettings.js"
import { campaignHelp, describe, help } from "./help.js"

// Most runs of the program do not need the code of campaigns, so it is loaded on demand.
const actions = Effect.promise(() => import("../campaign/actions.js"))

const starting = Effect.promise(() => import("../campaign/start.js"))

// The schemas would cost every run of the program a tenth of its start.
const states = [
  "loading",
  "running",
  "paused",
  "completed",
  "failed",
  "cancelled"
] as const satisfies ReadonlyArray<CampaignState>

const personStates = [
  "pending",
  "sending",
  "Created",
  "AlreadyInvited",
  "UserExists",
  "Rejected",
  "Unknown",
  "Repeated"
] as const satisfies ReadonlyArray<PersonState>

const database = Options.redacted("database").pipe(
  Options.withPseudoName("FILE|URL"),
  Options.optional,
  Options.withDescription(
    "The SQLite file or the postgres:// URL that holds the campaigns. Default: EFFECT_CLERK_DATABASE. Other users of the " +
      "machine can read a password in an argument, but not in a variable."
  )
)

const common = { ...flags.settings, database, json: flags.json }

const id = Args.text({ name: "id" }).pipe(Args.withDescription("The id of the campaign."))

const oneCampaign = { ...common, id }

const csv = Args.text({ name: "csv" }).pipe(
  Args.withDescription("A CSV file, as invite reads it. - reads standard input.")
)

const newId = Options.text("id").pipe(
  Options.withDescription(
    "The id of the campaign, 1 to 200 characters, without personal data. The same id with the same file continues it."
  )
)

const onExisting = Options.choice("on-existing", ["report", "reuse", "resend"]).pipe(
  Options.withDefault("report" as const),
  Options.withDescription(
    "What to do with an address that has a pending invitation: report it, report it and look up its id, or revoke the " +
      "invitation and send another. Default: report."
  )
)

const noCheckExisting = Options.boolean("no-check-existing").pipe(
  Options.withDescription(
    "Do not look up the invitations of an address before it is sent. A duplicate then costs a call of the hourly quota."
  )
)

const noSingles = Options.boolean("no-singles").pipe(
  Options.withDescription("Send bulk calls only: 250 invitations an hour instead of 350.")
)

const allowDuplicates = Options.boolean("allow-duplicates").pipe(
  Options.withDescription(
    "Create another invitation even if the address has one. A person whose outcome is unknown is then never sent again."
  )
)

const duration = (name: string) =>
  Options.text(name).pipe(
    Options.withPseudoName("DURATION"),
    Options.withSchema(
      Schema.String.pipe(
        Schema.filter((text) => Option.isSome(Duration.decodeUnknown(text))),
        Schema.annotations({ message: () => `--${name} must be a duration such as '30 days' or '12 hours'` })
      )
    ),
    Options.map((text) => Option.getOrElse(Duration.decodeUnknown(text), () => Duration.days(30))),
    Options.optional
  )

const retention = duration("retention").pipe(
  Options.withDescription("How long the addresses are kept after the end of the campaign. Default: 30 days.")
)

const followUpAfter = duration("follow-up-after").pipe(
  Options.withDescription(
    "Invite people again that have not accepted, this long after their invitation, which is revoked. Who has accepted is counted."
  )
)

const followUpTimes = Options.integer("follow-up-times").pipe(
  Options.optional,
  Options.withDescription("How often people are invited again, 1 to 100. Default: 1. Needs --follow-up-after.")
)

const tenant = Options.text("tenant").pipe(
  Options.optional,
  Options.withDescription(
    "For whom the campaign is sent, without personal data. Tenants share the rate limits equally. Default: each campaign on its own."
  )
)

const run = Options.boolean("run").pipe(
  Options.withDescription("Work on the campaign until it has ended. Without it, nothing is sent.")
)

const skipInvalid = Options.boolean("skip-invalid").pipe(
  Options.withDescription("Skip invalid rows and invite the others. Without it, one invalid row stops the command.")
)

const start = Command.make(
  "start",
  {
    ...common,
    ...csvOptions,
    allowDuplicates,
    csv,
    followUpAfter,
    followUpTimes,
    id: newId,
    noCheckExisting,
    noSingles,
    onExisting,
    retention,
    run,
    skipInvalid,
    tenant,
    yes: flags.yes
  },
  (options) => Effect.flatMap(starting, ({ start }) => start(options)).pipe(withSettings(options))
).pipe(Command.withDescription(describe(campaignHelp.start)))

const untilDone = Options.boolean("until-done").pipe(
  Options.withDescription("End when no campaign has anything left to do. Without it, work until interrupted.")
)

const runAll = Command.make(
  "run",
  { ...common, untilDone, yes: flags.yes },
  (options) => Effect.flatMap(actions, ({ run }) => run(options)).pipe(withSettings(options))
).pipe(Command.withDescription(describe(campaignHelp.run)))

const status = Command.make(
  "status",
  oneCampaign,
  (options) => Effect.flatMap(actions, ({ status }) => status(options)).pipe(withSettings(options))
).pipe(Command.withDescription(describe(campaignHelp.status)))

const watch = Command.make(
  "watch",
  oneCampaign,
  (options) => Effect.flatMap(actions, ({ watch }) => watch(options)).pipe(withSettings(options))
).pipe(Command.withDescription(describe(campaignHelp.watch)))

const state = Options.choice("state", states).pipe(
  Options.optional,
  Options.withDescription("Only campaigns in this state.")
)

const list = Command.make(
  "list",
  { ...common, state },
  (options) => Effect.flatMap(actions, ({ list }) => list(options)).pipe(withSettings(options))
).pipe(Command.withDescription(describe(campaignHelp.list)))

const outcome = Options.choice("outcome", personStates).pipe(
  Options.optional,
  Options.withDescription("Only people with this outcome.")
)

const people = Command.make(
  "people",
  { ...oneCampaign, outcome },
  (options) => Effect.flatMap(actions, ({ people }) => people(options)).pipe(withSettings(options))
).pipe(Command.withDescription(describe(campaignHelp.people)))

const pause = Command.make(
  "pause",
  oneCampaign,
  (options) => Effect.flatMap(actions, ({ pause }) => pause(options)).pipe(withSettings(options))
).pipe(Command.withDescription(describe(campaignHelp.pause)))

const resume = Command.make(
  "resume",
  oneCampaign,
  (options) => Effect.flatMap(actions, ({ resume }) => resume(options)).pipe(withSettings(options))
).pipe(Command.withDescription(describe(campaignHelp.resume)))

const cancel = Command.make(
  "cancel",
  oneCampaign,
  (options) => Effect.flatMap(actions, ({ cancel }) => cancel(options)).pipe(withSettings(options))
).pipe(Command.withDescription(describe(campaignHelp.cancel)))

const outcomes = Options.choice("outcome", ["Rejected", "Unknown"]).pipe(
  Options.atLeast(1),
  Options.withDescription("The outcome of the people to send to again: Rejected or Unknown. May be repeated.")
)

const retry = Command.make(
  "retry",
  { ...oneCampaign, outcomes },
  (options) => Effect.flatMap(actions, ({ retry }) => retry(options)).pipe(withSettings(options))
).pipe(Command.withDescription(describe(campaignHelp.retry)))

const remove = Command.make(
  "delete",
  { ...oneCampaign, yes: flags.yes },
  (options) => Effect.flatMap(actions, ({ remove }) => remove(options)).pipe(withSettings(options))
).pipe(Command.withDescription(describe(campaignHelp.delete)))

const endedBefore = Options.text("ended-before").pipe(
  Options.withPseudoName("DATE"),
  Options.withSchema(
    Schema.String.pipe(
      Schema.filter((text) => /^\d{4}-/.test(text) && Option.isSome(DateTime.make(text))),
      Schema.annotations({ message: () => "--ended-before must be a date such as 2026-01-31 or 2026-01-31T12:00:00Z" })
    )
  ),
  Options.map((text) => DateTime.unsafeMake(text)),
  Options.withDescription("Remove the campaigns that ended before this date, in UTC unless it says otherwise.")
)

const prune = Command.make(
  "prune",
  { ...common, endedBefore },
  (options) => Effect.flatMap(actions, ({ prune }) => prune(options)).pipe(withSettings(options))
).pipe(Command.withDescription(describe(campaignHelp.prune)))

export const campaign = Command.make("campaign").pipe(
  Command.withDescription(describe(help.campaign)),
  Command.withSubcommands([start, runAll, status, watch, list, people, pause, resume, cancel, retry, remove, prune])
)
