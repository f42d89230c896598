import { EmailAddress, InvitationsService, RateLimits } from "@effect-clerk/core"
import { Command, Options } from "@effect/cli"
import { DateTime, Effect, Option, Stream } from "effect"
import { csvOptions } from "../csv/csvOptions.js"
import * as FileLock from "../files/fileLock.js"
import * as SafeFile from "../files/safeFile.js"
import * as OutcomesFile from "../invite/outcomesFile.js"
import { plan, suggestCampaign } from "../invite/plan.js"
import { preflight, preview } from "../invite/preflight.js"
import { exitCodeOf, summary } from "../invite/report.js"
import { send } from "../invite/send.js"
import * as Source from "../invite/source.js"
import { confirm } from "../settings/confirm.js"
import * as flags from "../settings/flags.js"
import { InvitationsLive, limits } from "../settings/service.js"
import { withSettings } from "../settings/withSettings.js"
import { CommandFailed, exitCodes, exitUsage } from "../terminal/exitCode.js"
import { printLine, printNote } from "../terminal/stdio.js"
import { describe, help } from "./help.js"

const csv = Options.text("csv").pipe(
  Options.withDescription(
    "A CSV file with a column of e-mail addresses and optional columns redirect_url, expires_in_days, template_slug, " +
      "metadata.NAME and public_metadata. - reads standard input."
  )
)

const outcomes = Options.file("outcomes").pipe(
  Options.optional,
  Options.withDescription(
    "The file that records the outcome of each address; the next run continues from it. Default: people.outcomes.ndjson for " +
      "people.csv. Required for standard input and pipes."
  )
)

const dryRun = Options.boolean("dry-run").pipe(
  Options.withDescription(
    "Check the file, and show what would be sent and how long it would take. Send and write nothing."
  )
)

const checkExisting = Options.boolean("check-existing").pipe(
  Options.withDescription(
    "With --dry-run: ask Clerk which addresses have a pending invitation. A real run always checks."
  )
)

const skipInvalid = Options.boolean("skip-invalid").pipe(
  Options.withDescription("Skip invalid rows and invite the others. Without it, one invalid row stops the command.")
)

const again = Options.choice("again", ["expired"]).pipe(
  Options.optional,
  Options.withDescription("Invite the addresses of previous runs again whose invitation has expired.")
)

const onExisting = Options.choice("on-existing", ["report", "reuse", "resend"]).pipe(
  Options.withDefault("report" as const),
  Options.withDescription(
    "What to do with an address that has a pending invitation: report it, report it and look up its id, or revoke the " +
      "invitation and send another. Default: report."
  )
)

const outcomesPath = (source: Source.Source, outcomes: Option.Option<string>) =>
  Option.match(Option.orElse(outcomes, () => source.outcomes), {
    onNone: () =>
      Effect.fail(
        exitUsage(
          `${source.name} has no place for the outcomes. Pass --outcomes FILE, so that the next run can continue. ` +
            "Nothing was sent."
        )
      ),
    onSome: SafeFile.resolve
  })

// The folded addresses of all pending invitations.
const pendingAddresses = Effect.flatMap(InvitationsService, (invitations) =>
  Stream.runFold(
    invitations.stream({ status: "pending" }),
    new Set<string>(),
    (addresses, { emailAddress }) => addresses.add(EmailAddress.fold(emailAddress))
  )).pipe(Effect.provide(InvitationsLive))

export const invite = Command.make(
  "invite",
  {
    ...flags.settings,
    ...csvOptions,
    again,
    checkExisting,
    csv,
    dryRun,
    json: flags.json,
    onExisting,
    outcomes,
    skipInvalid,
    yes: flags.yes
  },
  (options) =>
    Effect.gen(function*() {
      const now = yield* DateTime.now
      const source = yield* Source.open(options.csv)
      // A dry run of standard input writes nothing, so it needs no file.
      const path = options.dryRun && Option.isNone(source.outcomes) && Option.isNone(options.outcomes)
        ? Option.none()
        : Option.some(yield* outcomesPath(source, options.outcomes))
      if (Option.isSome(path) && !options.dryRun) yield* FileLock.acquire(path.value)
      // A dry run needs no key.
      const instance = options.dryRun
        ? yield* Effect.option(OutcomesFile.instance)
        : Option.some(yield* OutcomesFile.instance)
      const previous = Option.isSome(path)
        ? yield* OutcomesFile.read(path.value, instance)
        : OutcomesFile.noPreviousRun
      const pending = options.dryRun && options.checkExisting ? yield* pendingAddresses : new Set<string>()

      const found = yield* preflight(source, options, { now, pending, previous }, (row) =>
        options.dryRun ? printLine(preview(row, options)) : Effect.void)
      // Most instances are production instances.
      const limitsOfInstance = yield* Effect.orElseSucceed(limits, () =>
        RateLimits.production)
      const summaryOfPlan = plan(found, limitsOfInstance)
      if (found.invalid > 0 && !options.skipInvalid) {
        if (options.dryRun) {
          yield* printNote(summaryOfPlan)
        }
        const others = found.pending + found.remaining
        const rows = found.invalid === 1 ? "1 row is" : `${found.invalid} rows are`
        const fix = found.invalid === 1 ? "Fix it" : "Fix them"
        const advice = others === 0 ? `${fix}.` : `${fix}, or pass --skip-invalid to invite the other ${others}.`
        return yield* exitUsage(`${rows} invalid. Nothing was sent. ${advice}`)
      }
      yield* printNote(summaryOfPlan)
      yield* Effect.transposeMapOption(suggestCampaign(found, limitsOfInstance), printNote)
      if (options.dryRun || found.remaining === 0 || Option.isNone(path)) {
        return
      }

      yield* confirm(
        `Sending e-mails to ${found.remaining} ${found.remaining === 1 ? "address" : "addresses"}`,
        options
      )
      const counts = yield* Effect.gen(function*() {
        // Fails on a wrong key or URL before the outcomes file is created.
        yield* Effect.flatMap(InvitationsService, ({ list }) =>
          list({ limit: 1 }))
        const outcomesFile = yield* OutcomesFile.open(path.value, previous)
        return yield* send(options, {
          file: source,
          inputs: found.inputs,
          unknown: found.unknown,
          now,
          outcomesFile,
          previous
        })
      }).pipe(Effect.scoped, Effect.provide(InvitationsLive))
      const code = exitCodeOf(counts)
      const message = `${summary(counts)}. See ${path.value}`
      yield* code === exitCodes.ok ? printNote(message) : new CommandFailed({ code, message })
    }).pipe(
      Effect.scoped,
      Effect.catchTag("FileInUse", "LockStuck", ({ message }) =>
        exitUsage(message)),
      withSettings(options)
    )
).pipe(Command.withDescription(describe(help.invite)))
