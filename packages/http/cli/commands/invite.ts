import {
  EmailAddress,
  InvitationsService,
  type InviteMany,
  type InviteOutcome,
  InviteProgress,
  RateLimits
} from "@effect-clerk/core"
import { Command, Options } from "@effect/cli"
import { Duration, Effect, Either, Option, Stream } from "effect"
import { csvRows } from "../csv/csvRows.js"
import * as FileLock from "../files/fileLock.js"
import * as SafeFile from "../files/safeFile.js"
import * as OutcomesFile from "../invite/outcomesFile.js"
import { type Preflight, preflight, preview } from "../invite/preflight.js"
import * as Progress from "../invite/progress.js"
import {
  exitCodeOf,
  isProblem,
  noOutcomes,
  type PrintedOutcome,
  renderOutcome,
  summary,
  toEntry
} from "../invite/report.js"
import { settleUnknown } from "../invite/settleUnknown.js"
import { confirm } from "../settings/confirm.js"
import * as flags from "../settings/flags.js"
import { InvitationsLive, isLive } from "../settings/service.js"
import { CommandFailed, exitCodes, exitUsage, fromError } from "../terminal/exitCode.js"
import { printError, printLine, Stdio } from "../terminal/stdio.js"

const csv = Options.file("csv", { exists: "yes" }).pipe(
  Options.withDescription(
    "A CSV file with the column email_address and optional columns redirect_url, expires_in_days, template_slug and " +
      "metadata.NAME."
  )
)

const outcomes = Options.file("outcomes").pipe(
  Options.optional,
  Options.withDescription(
    "The file that records the outcome of each address; the next run continues from it. Default: people.outcomes.ndjson for " +
      "people.csv."
  )
)

const dryRun = Options.boolean("dry-run").pipe(
  Options.withDescription(
    "Check the file, and show what would be sent and how long it would take. Send and write nothing."
  )
)

const skipInvalid = Options.boolean("skip-invalid").pipe(
  Options.withDescription("Skip invalid rows and invite the others. Without it, one invalid row stops the command.")
)

interface Flags {
  readonly csv: string
  readonly json: boolean
  readonly skipInvalid: boolean
}

const runAgain = "Run the same command again to continue."

const fileChanged = (path: string) => exitUsage(`${path} changed during the run. ${runAgain}`)

/**
 * Sends the remaining rows. Records each outcome before it is printed. Returns the number of outcomes of each kind.
 */
const send = (
  options: Flags & { readonly remaining: number; readonly previous: OutcomesFile.PreviousRun },
  outcomesFile: OutcomesFile.OutcomesFile
) =>
  Effect.gen(function*() {
    const invitations = yield* InvitationsService
    const stdio = yield* Stdio
    // On a terminal the progress lines count the outcomes that need no action.
    const onlyProblems = !options.json && stdio.stderr.isTerminal && stdio.stdout.isTerminal

    // A reader that closes the pipe does not stop the job: the outcomes are in the file.
    const printOutcome = (outcome: PrintedOutcome) =>
      onlyProblems && !isProblem(outcome.outcome)
        ? Effect.void
        : Effect.ignore(stdio.stdout.write(`${renderOutcome(outcome, options)}\n`))

    const settled = yield* settleUnknown(options.previous, {
      append: (entry) => Effect.zipLeft(outcomesFile.append(entry), printOutcome(entry))
    })
    const total = Math.max(0, options.remaining - settled.size)
    const limits = (yield* isLive) ? RateLimits.production : RateLimits.development
    const printProgress = Progress.makePrinter(total)

    const isRemaining = (emailAddress: string) =>
      !settled.has(EmailAddress.fold(emailAddress)) &&
      !OutcomesFile.isDone(OutcomesFile.entryOf(options.previous, emailAddress))

    // The line of each row without an outcome, by the row's position in the input of the job.
    const lines = new Map<number, number>()
    let position = 0
    const requests = csvRows(options.csv).pipe(
      Stream.mapEffect((row) =>
        // The preflight found no invalid row, unless --skip-invalid is set.
        Either.isLeft(row) && !options.skipInvalid ? fileChanged(options.csv) : Effect.succeed(Either.getRight(row))
      ),
      Stream.filterMap((row) => row),
      Stream.filter(({ request }) => isRemaining(request.emailAddress)),
      Stream.map(({ line, request }) => {
        lines.set(position++, line)
        return request
      })
    )

    const lineOf = ({ position }: { readonly position: number }): number => lines.get(position) ?? 0

    const record = (outcome: InviteOutcome.InputOutcome) => {
      if (outcome._tag === "Repeated" || outcome._tag === "NotAttempted") {
        return Effect.succeed({
          line: lineOf(outcome),
          email_address: outcome.emailAddress,
          outcome: outcome._tag
        })
      }
      const entry = toEntry(outcome, lineOf(outcome))
      return Effect.as(outcomesFile.append(entry), entry)
    }

    let counts = noOutcomes
    let inFlight = 0
    let refusal: InviteMany.InstanceRefusal | undefined
    const finish = (outcome: InviteOutcome.InviteOutcome) =>
      Effect.gen(function*() {
        if (outcome._tag === "Stopped") {
          refusal = outcome.error
          return
        }
        // Counted before it is recorded: the exit code says what was sent, also if the file cannot be written.
        counts = { ...counts, [outcome._tag]: counts[outcome._tag] + 1 }
        const entry = yield* record(outcome)
        lines.delete(outcome.position)
        yield* printOutcome(entry)
      }).pipe(Effect.uninterruptible)

    // Records requests in flight as `Unknown`. The next run reconciles them.
    const onIncomplete = ({ outcomes, unknown }: InviteMany.Incomplete) =>
      Effect.gen(function*() {
        inFlight = unknown.length
        for (const outcome of outcomes) yield* Effect.ignore(finish(outcome))
        for (const attempted of unknown) {
          yield* outcomesFile.append({
            line: lineOf(attempted),
            email_address: attempted.emailAddress,
            outcome: "Unknown",
            reason: "the run ended while the request was in flight"
          })
        }
      }).pipe(Effect.ignore)

    return yield* invitations.inviteMany(requests, {
      onIncomplete,
      deduplicationWindow: Math.min(Math.max(total, 1000), 10_000_000)
    })
      .pipe(
        InviteProgress.track({ total, limits }),
        Stream.runForEach(([outcome, progress]) => Effect.zipRight(finish(outcome), printProgress(progress))),
        Effect.catchAll((error) => {
          const { code, message } = fromError(error)
          return new CommandFailed({
            code: counts.Created + counts.Unknown + inFlight > 0 ? exitCodes.partial : code,
            message: `${message}\n${runAgain}`
          })
        }),
        Effect.flatMap(() =>
          refusal === undefined ? Effect.void : new CommandFailed({
            code: exitCodes.partial,
            message: [summary(counts), fromError(refusal).message, runAgain].filter((line) => line !== "").join("\n")
          })
        ),
        Effect.onInterrupt(() => printError(`Interrupted. ${summary(counts)}\n${runAgain}`)),
        Effect.map(() => ({ ...counts, AlreadyInvited: counts.AlreadyInvited + settled.size }))
      )
  })

const plan = ({ done, invalid, remaining }: Preflight): string => {
  const shortest = InviteProgress.estimate({ count: remaining, limits: RateLimits.production })
  const duration = Duration.toMillis(shortest) === 0
    ? "Clerk's quotas allow them at once."
    : `With Clerk's quotas this takes at least ${Duration.format(shortest)}.`
  return [
    remaining === 0 ? "Nothing to send" : `${remaining} to invite`,
    ...(done === 0 ? [] : [`${done} done before`]),
    ...(invalid === 0 ? [] : [`${invalid} skipped`])
  ].join(", ") + (remaining === 0 ? "." : `. ${duration}`)
}

export const invite = Command.make(
  "invite",
  { csv, dryRun, json: flags.json, outcomes, skipInvalid, yes: flags.yes },
  (options) =>
    Effect.gen(function*() {
      const path = yield* SafeFile.resolve(
        Option.getOrElse(options.outcomes, () => OutcomesFile.pathFor(options.csv))
      )
      if (!options.dryRun) yield* FileLock.acquire(path)
      const previous = yield* OutcomesFile.read(path)
      const { done, invalid, remaining } = yield* preflight(options.csv, previous, (row) =>
        options.dryRun ? printLine(preview(row, options)) : Effect.void)
      if (invalid > 0 && !options.skipInvalid) {
        const valid = done + remaining
        return yield* exitUsage(
          `${invalid} of ${invalid + valid} rows are invalid. Nothing was sent. ` +
            `Fix them, or pass --skip-invalid to invite the other ${valid}.`
        )
      }
      yield* printError(plan({ done, invalid, remaining }))
      if (options.dryRun || remaining === 0) {
        return
      }
      yield* confirm(`Inviting ${remaining} addresses`, options)
      const counts = yield* Effect.gen(function*() {
        // Fails on a wrong key or URL before the outcomes file is created.
        yield* Effect.flatMap(InvitationsService, ({ list }) =>
          list({ limit: 1 }))
        return yield* send({ ...options, previous, remaining }, yield* OutcomesFile.open(path, previous))
      }).pipe(Effect.scoped, Effect.provide(InvitationsLive))
      const code = exitCodeOf(counts)
      const message = `${summary(counts)}. See ${path}`
      yield* code === exitCodes.ok ? printError(message) : new CommandFailed({ code, message })
    }).pipe(
      Effect.scoped,
      Effect.catchTag("FileInUse", ({ message }) =>
        exitUsage(message))
    )
).pipe(
  Command.withDescription(
    "Invites every address in a CSV file within Clerk's rate limits. After a crash or ^C, run the same command again to continue."
  )
)
