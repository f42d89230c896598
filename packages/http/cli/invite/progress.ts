import type { InviteProgress } from "@effect-clerk/core"
import { Clock, DateTime, Duration, Effect, Option } from "effect"
import { printNote } from "../terminal/stdio.js"

const line = ({ done, elapsed, estimatedEnd, ratePerHour }: InviteProgress.InviteProgress, total: number): string =>
  [
    `${done} of ${total}`,
    // Too early for a meaningful rate.
    ...(Duration.toSeconds(elapsed) < 1 ? [] : [`${Math.round(ratePerHour)} an hour`]),
    ...Option.toArray(Option.map(estimatedEnd, (time) => `ends about ${DateTime.formatIso(time).slice(0, 16)}Z`))
  ].join(", ")

const interval = Duration.toMillis("10 seconds")

/**
 * Makes an effect that prints the progress of a job to standard error: at most one line every ten seconds, and one line when
 * all `total` inputs have an outcome.
 */
export const makePrinter = (total: number) => {
  let printedAt = Number.NEGATIVE_INFINITY
  let printedDone = -1
  return (progress: InviteProgress.InviteProgress) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const isDue = progress.done === total || now - printedAt >= interval
      if (!isDue || progress.done === printedDone) return Effect.void
      printedAt = now
      printedDone = progress.done
      return printNote(line(progress, total))
    })
}
