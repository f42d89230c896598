import type { InviteProgress } from "@effect-clerk/core"
import { AnsiDoc } from "@effect/printer-ansi"
import { Clock, DateTime, Duration, Effect, Option } from "effect"

const width = 24

const share = (done: number, total: number): number => total === 0 ? 1 : Math.min(1, done / total)

const facts = (progress: InviteProgress.InviteProgress, total: number, end: (time: DateTime.Utc) => string): string =>
  [
    `${progress.done} of ${total}`,
    // A rate over a moment is none.
    ...(Duration.toSeconds(progress.elapsed) < 1 ? [] : [`${Math.round(progress.ratePerHour)} an hour`]),
    ...Option.toArray(Option.map(progress.estimatedEnd, (time) => `ends about ${end(time)}`))
  ].join(", ")

/**
 * Progress as one line of a log.
 */
export const plain = (progress: InviteProgress.InviteProgress, total: number): string =>
  facts(progress, total, (time) => `${DateTime.formatIso(time).slice(0, 16)}Z`)

/**
 * Progress as a bar, in the time zone of whoever looks at it.
 */
export const bar = (progress: InviteProgress.InviteProgress, total: number): string => {
  const filled = Math.floor(share(progress.done, total) * width)
  const percent = Math.floor(share(progress.done, total) * 100)
  const end = (time: DateTime.Utc) => DateTime.formatLocal(time, { dateStyle: "medium", timeStyle: "short" })
  return `[${"#".repeat(filled)}${"-".repeat(width - filled)}] ${percent} %, ${facts(progress, total, end)}`
}

/**
 * Shows how far a job has got.
 */
export interface Display {
  readonly update: (progress: InviteProgress.InviteProgress) => Effect.Effect<void>
  /** Makes room for something else; the next update shows it again. */
  readonly clear: Effect.Effect<void>
}

interface Output {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  readonly write: (text: string) => unknown
}

const wiped = AnsiDoc.render(AnsiDoc.hcat([AnsiDoc.eraseLine, AnsiDoc.cursorLeft]), { style: "pretty" })

const quiet = Duration.toMillis("10 seconds")

/**
 * A bar that is drawn again and again on a terminal; elsewhere a line every ten seconds, and one at the end.
 */
export const make = (output: Output, total: number): Display => {
  if (output.isTTY === true) {
    return {
      update: (progress) =>
        Effect.sync(() => output.write(`${wiped}${bar(progress, total).slice(0, (output.columns ?? 80) - 1)}`)),
      clear: Effect.sync(() => output.write(wiped))
    }
  }
  let last = Number.NEGATIVE_INFINITY
  return {
    update: (progress) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        if (now - last < quiet && progress.done < total) return
        last = now
        output.write(`${plain(progress, total)}\n`)
      }),
    clear: Effect.void
  }
}
