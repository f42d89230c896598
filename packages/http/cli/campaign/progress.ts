import type { Campaign } from "@effect-clerk/http/InviteCampaign"
import { Clock, Duration, Effect } from "effect"
import { printLine, printNote, Quiet, type Sink, Stdio } from "../terminal/stdio.js"
import { escapeControlChars } from "../terminal/terminalText.js"
import * as Report from "./report.js"

const width = 10
const maxName = 20

const clear = "\r\u001b[K"

const bar = (done: number, total: number): string => {
  const filled = total === 0 ? 0 : Math.floor(width * done / total)
  return `[${"#".repeat(filled)}${"-".repeat(width - filled)}]`
}

/**
 * Draws a bar on the current line of a terminal, in place of the one before.
 */
export const draw = (sink: Sink, campaign: Campaign) =>
  sink.write(
    `${clear}${escapeControlChars(campaign.id.slice(0, maxName))} ${bar(campaign.done, campaign.total)} ${
      Report.progress(campaign)
    }`
  )

/**
 * Removes the bar, so that a line can be printed.
 */
export const erase = (sink: Sink) => sink.write(clear)

/**
 * Reports campaigns while they run.
 */
export interface Reporter {
  /** A campaign that runs, as it is now. */
  readonly running: (campaign: Campaign) => Effect.Effect<void, never, Stdio>
  /** A campaign that has ended or was paused. */
  readonly stopped: (campaign: Campaign) => Effect.Effect<void, never, Stdio>
}

const interval = Duration.toMillis("10 seconds")

const isSame = (self: Campaign | undefined, that: Campaign): boolean =>
  self !== undefined && self.state === that.state && JSON.stringify(self.counts) === JSON.stringify(that.counts)

/**
 * Reports each change as JSON on standard output; or as a bar if standard error is a terminal; or on standard error, at most one
 * line every ten seconds for each campaign. A reader that closes the pipe does not stop the campaigns.
 */
export const makeReporter = (options: { readonly json: boolean }): Effect.Effect<Reporter, never, Stdio> =>
  Effect.gen(function*() {
    const { stderr } = yield* Stdio
    const isQuiet = yield* Quiet
    const hasBar = !options.json && !isQuiet && stderr.isTerminal
    const last = new Map<string, Campaign>()
    const printedAt = new Map<string, number>()

    const printProgress = (campaign: Campaign) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        if (now - (printedAt.get(campaign.id) ?? Number.NEGATIVE_INFINITY) < interval) return Effect.void
        printedAt.set(campaign.id, now)
        last.set(campaign.id, campaign)
        return printNote(Report.line(campaign))
      })

    return {
      running: (campaign) => {
        if (hasBar) return Effect.ignore(draw(stderr, campaign))
        if (isSame(last.get(campaign.id), campaign)) return Effect.void
        if (!options.json) return printProgress(campaign)
        last.set(campaign.id, campaign)
        return Effect.ignore(printLine(Report.campaignJson(campaign)))
      },
      stopped: (campaign) => {
        const erased = hasBar ? Effect.ignore(erase(stderr)) : Effect.void
        const printed = options.json
          ? Effect.ignore(printLine(Report.campaignJson(campaign)))
          : printNote(Report.details(campaign))
        last.delete(campaign.id)
        return Effect.zipRight(erased, printed)
      }
    }
  })
