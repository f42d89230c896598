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
import { confirm } from "./confirm.js"
import { csvRows } from "./csvRows.js"
import { CommandFailed, exitCodes, exitUsage, ofError } from "./exitCode.js"
import * as flags from "./flags.js"
import * as journal from "./outcomesFile.js"
import { isTerminal, printError, printLine } from "./output.js"
import { type Preflight, preflight, preview } from "./preflight.js"
import * as progress from "./progress.js"
import { codeOf, isProblem, none, show, type Shown, summary, toEntry } from "./report.js"
import { InvitationsLive, isLive } from "./service.js"
import { settleUnknown } from "./settleUnknown.js"

const csv = Options.file("csv", { exists: "yes" }).pipe(
  Options.withDescription(
    "The people: a column email_address, and if wanted redirect_url, expires_in_days, template_slug and metadata.ANYTHING."
  )
)

const outcomes = Options.file("outcomes").pipe(
  Options.optional,
  Options.withDescription(
    "Where it is kept what became of each; a further run goes on from there. Default: people.outcomes.ndjson beside people.csv."
  )
)

const dryRun = Options.boolean("dry-run").pipe(
  Options.withDescription(
    "Check the file, and show what would be sent and how long that takes. Sends and writes nothing."
  )
)

const skipInvalid = Options.boolean("skip-invalid").pipe(
  Options.withDescription("Invite the others where some lines cannot be sent. Without it, nobody is.")
)

interface Flags {
  readonly csv: string
  readonly json: boolean
  readonly skipInvalid: boolean
}

const changed = (path: string) =>
  exitUsage(`${path} was changed while it was read. Run the same command again to go on.`)

/**
 * Sends whoever is left, and notes what becomes of each before anything else is done about it.
 */
const send = (
  options: Flags & { readonly left: number; readonly past: journal.PreviousRun },
  to: journal.OutcomesFile
) =>
  Effect.gen(function*() {
    const invitations = yield* InvitationsService
    // On a terminal the bar says enough about those where all went well.
    const onlyProblems = !options.json && isTerminal(process.stderr) && isTerminal(process.stdout)

    // Nobody has to read it: the outcomes are in the file.
    const tell = (entry: Shown) =>
      onlyProblems && !isProblem(entry.outcome) ? Effect.void : Effect.ignore(printLine(show(entry, options)))

    const settled = yield* settleUnknown(options.past, {
      append: (entry) => Effect.zipLeft(to.append(entry), tell(entry))
    })
    const total = Math.max(0, options.left - settled.size)
    const limits = (yield* isLive) ? RateLimits.production : RateLimits.development
    const display = progress.make(process.stderr, total)

    const isLeft = (emailAddress: string) =>
      !settled.has(EmailAddress.fold(emailAddress)) &&
      !journal.isDone(journal.entryOf(options.past, emailAddress))

    // The lines of those who are on their way, by their position.
    const lines = new Map<number, number>()
    let position = 0
    const requests = csvRows(options.csv).pipe(
      Stream.mapEffect((row) =>
        Either.isLeft(row) && !options.skipInvalid ? changed(options.csv) : Effect.succeed(Either.getRight(row))
      ),
      Stream.filterMap((person) => person),
      Stream.filter(({ request }) => isLeft(request.emailAddress)),
      Stream.map(({ line, request }) => {
        lines.set(position++, line)
        return request
      })
    )

    const lineOf = ({ position }: { readonly position: number }): number => lines.get(position) ?? 0

    const note = (outcome: InviteOutcome) => {
      if (outcome._tag === "Repeated") {
        return Effect.succeed({
          line: lineOf(outcome),
          email_address: outcome.emailAddress,
          outcome: outcome._tag
        })
      }
      const entry = toEntry(outcome, lineOf(outcome))
      return Effect.as(to.append(entry), entry)
    }

    let counts = none
    const settle = (outcome: InviteOutcome) =>
      Effect.gen(function*() {
        const entry = yield* note(outcome)
        lines.delete(outcome.position)
        counts = { ...counts, [outcome._tag]: counts[outcome._tag] + 1 }
        yield* display.clear
        yield* tell(entry)
      }).pipe(Effect.uninterruptible)

    // What was under way is looked at by the next run.
    const onUnfinished = ({ outcomes, unknown }: InviteMany.Incomplete) =>
      Effect.gen(function*() {
        for (const outcome of outcomes) yield* settle(outcome)
        for (const sent of unknown) {
          yield* to.append({
            line: lineOf(sent),
            email_address: sent.emailAddress,
            outcome: "Unknown",
            reason: "the run ended while it was under way"
          })
        }
      }).pipe(Effect.ignore)

    const goOn = "Run the same command again to go on."

    return yield* invitations.inviteMany(requests, {
      onIncomplete: onUnfinished,
      deduplicationWindow: Math.min(Math.max(total, 1000), 10_000_000)
    })
      .pipe(
        InviteProgress.track({ total, limits }),
        Stream.runForEach(([outcome, so]) => Effect.zipRight(settle(outcome), display.update(so))),
        Effect.ensuring(display.clear),
        Effect.catchAll((error) => {
          const { code, message } = ofError(error)
          return new CommandFailed({
            code: counts.Created > 0 ? exitCodes.partly : code,
            message: `${message}\n${goOn}`
          })
        }),
        Effect.onInterrupt(() => printError(`Interrupted. ${summary(counts)}\n${goOn}`)),
        Effect.map(() => ({ ...counts, AlreadyInvited: counts.AlreadyInvited + settled.size }))
      )
  })

const plan = ({ bad, before, left }: Preflight): string => {
  const best = InviteProgress.estimate({ count: left, limits: RateLimits.production })
  const pace = Duration.toMillis(best) === 0
    ? "The quotas of Clerk allow that at once."
    : `The quotas of Clerk make that take ${Duration.format(best)} at least.`
  return [
    left === 0 ? "Nobody is left to invite" : `${left} to invite`,
    ...(before === 0 ? [] : [`${before} done before`]),
    ...(bad === 0 ? [] : [`${bad} skipped`])
  ].join(", ") + (left === 0 ? "." : `. ${pace}`)
}

export const invite = Command.make(
  "invite",
  { csv, dryRun, json: flags.json, outcomes, skipInvalid, yes: flags.yes },
  (options) =>
    Effect.gen(function*() {
      const path = Option.getOrElse(options.outcomes, () => journal.pathFor(options.csv))
      const past = yield* journal.read(path)
      const { bad, before, left } = yield* preflight(options.csv, past, (person) =>
        options.dryRun ? printLine(preview(person, options)) : Effect.void)
      if (bad > 0 && !options.skipInvalid) {
        return yield* exitUsage(
          `${bad} of ${bad + before + left} lines cannot be sent, so nothing was. ` +
            `Mend them, or pass --skip-invalid to invite the other ${before + left}.`
        )
      }
      yield* printError(plan({ bad, before, left }))
      if (options.dryRun || left === 0) {
        return
      }
      yield* confirm(`Inviting ${left} people`, options)
      const counts = yield* Effect.gen(function*() {
        // Whatever is wrong with the key or the way to the service shows here, before anything is written.
        yield* Effect.flatMap(InvitationsService, ({ list }) =>
          list({ limit: 1 }))
        return yield* send({ ...options, past, left }, yield* journal.open(path, past))
      }).pipe(Effect.scoped, Effect.provide(InvitationsLive))
      const code = codeOf(counts)
      const message = `${summary(counts)}. See ${path}`
      yield* code === exitCodes.ok ? printError(message) : new CommandFailed({ code, message })
    })
).pipe(
  Command.withDescription(
    "Invites everybody in a CSV file, at the pace that Clerk allows. Run again after a crash or ^C, it goes on where it was."
  )
)
