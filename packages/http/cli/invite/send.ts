import {
  EmailAddress,
  InvitationsService,
  type InviteMany,
  type InviteOutcome,
  InviteProgress
} from "@effect-clerk/core"
import type { DateTime } from "effect"
import { Effect, Either, Stream } from "effect"
import type { CsvOptions } from "../csv/csvOptions.js"
import { type CsvFile, type CsvRow, csvRows } from "../csv/csvRows.js"
import * as Service from "../settings/service.js"
import { CommandFailed, exitCodes, exitUsage, fromError } from "../terminal/exitCode.js"
import { onInterrupt, Stdio } from "../terminal/stdio.js"
import * as OutcomesFile from "./outcomesFile.js"
import type { Preflight } from "./preflight.js"
import * as Progress from "./progress.js"
import { isProblem, type PrintedOutcome, renderOutcome, summary, toEntry } from "./report.js"
import * as Rerun from "./rerun.js"
import { settleUnknown } from "./settleUnknown.js"

/**
 * What a run sends, and how it reports.
 */
export interface SendOptions extends CsvOptions, Rerun.RerunOptions {
  readonly json: boolean
  readonly skipInvalid: boolean
}

const runAgain = "Run the same command again to continue."

const fileChanged = (path: string) => exitUsage(`${path} changed during the run. ${runAgain}`)

/**
 * Sends the remaining rows. Records each outcome before it is printed. Returns the number of outcomes of each kind.
 */
export const send = (
  options: SendOptions,
  { file, inputs, now, outcomesFile, previous, unknown }: {
    readonly file: CsvFile
    /** The number of rows without an outcome. */
    readonly inputs: number
    readonly unknown: Preflight["unknown"]
    readonly now: DateTime.Utc
    readonly outcomesFile: OutcomesFile.OutcomesFile
    readonly previous: OutcomesFile.PreviousRun
  }
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

    const found = yield* settleUnknown(previous, unknown, {
      append: (entry) => Effect.zipLeft(outcomesFile.append(entry), printOutcome(entry))
    })
    // With `--on-existing resend` the invitation of another program is replaced.
    const settled = new Map(
      Array.from(found).filter(([, outcome]) => outcome === "Created" || options.onExisting !== "resend")
    )
    const settledRows = Array.from(settled.keys()).reduce((sum, address) => sum + (unknown.get(address)?.rows ?? 0), 0)
    const total = inputs - settledRows
    const limits = yield* Service.limits
    const printProgress = Progress.makePrinter(total)

    const isRemaining = ({ request }: CsvRow) =>
      !settled.has(EmailAddress.fold(request.emailAddress)) &&
      !Rerun.isDone(OutcomesFile.entryOf(previous, request.emailAddress), request, options, now)

    // The line of each row without an outcome, by the row's position in the input of the job.
    const lines = new Map<number, number>()
    let position = 0
    const requests = csvRows(file, options).pipe(
      // The preflight has read the file to its end.
      Stream.catchTag("CommandFailed", () => fileChanged(file.name)),
      Stream.mapEffect((row) =>
        // The preflight found no invalid row, unless --skip-invalid is set.
        Either.isLeft(row) && !options.skipInvalid ? fileChanged(file.name) : Effect.succeed(Either.getRight(row))
      ),
      Stream.filterMap((row) => row),
      Stream.filter(isRemaining),
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
      return Effect.as(outcomesFile.append(outcome._tag === "Unknown" ? { ...entry, since: now } : entry), entry)
    }

    const outcomes = Array.from(settled.values())
    let counts = {
      ...InviteProgress.noOutcomes,
      Created: outcomes.filter((outcome) => outcome === "Created").length,
      AlreadyInvited: outcomes.filter((outcome) => outcome === "AlreadyInvited").length,
      Repeated: settledRows - outcomes.length
    }
    let inFlight = 0
    yield* onInterrupt(() => {
      const known = summary({ ...counts, Unknown: counts.Unknown + inFlight })
      return ["Interrupted.", ...(known === "" ? [] : [`${known}.`]), runAgain].join(" ")
    })
    let refusal: InviteMany.InstanceRefusal | undefined
    const finish = (outcome: InviteOutcome.InviteOutcome) =>
      Effect.gen(function*() {
        if (outcome._tag === "Stopped") {
          refusal = outcome.error
          return
        }
        // The outcome is counted before it is recorded, so the exit code says what was sent even if the file cannot be written.
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
            since: now,
            replaced: attempted.replaced,
            reason: "the run ended while the request was in flight"
          })
        }
      }).pipe(Effect.ignore)

    return yield* invitations.inviteMany(requests, {
      onIncomplete,
      onExisting: options.onExisting,
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
        Effect.map(() => counts)
      )
  })
