/**
 * The table that a fault run prints.
 */
import type { Row } from "./run.js"

const slowest = (millis: ReadonlyArray<number>): string => (Math.max(...millis) / 1000).toFixed(1)

const line = ({ people, refused, strikes, title, violations }: Row): string =>
  `| ${
    [
      title,
      people,
      strikes.length,
      violations.length,
      slowest(strikes.map(({ takeOver }) => takeOver)),
      slowest(strikes.map(({ work }) => work)),
      refused
    ].join(" | ")
  } |`

/** The rows as a table in Markdown. */
export const table = (rows: ReadonlyArray<Row>): string =>
  [
    "| fault | people | times | violations | slowest take-over, s | slowest next outcome, s | 429 |",
    "|---|---|---|---|---|---|---|",
    ...rows.map(line)
  ].join("\n")
