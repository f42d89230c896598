import { CreateBody } from "@effect-clerk/http/ClerkApi"
import { Effect, Either, Schema, Stream } from "effect"
import { type CsvRow, csvRows } from "../csv/csvRows.js"
import { json } from "../terminal/render.js"
import { printError, type Stdio } from "../terminal/stdio.js"
import { escapeControlChars } from "../terminal/terminalText.js"
import * as OutcomesFile from "./outcomesFile.js"

/**
 * The numbers of rows of a CSV file.
 */
export interface Preflight {
  /** Rows that cannot be sent. */
  readonly invalid: number
  /** Rows that need no further call, because a previous run has their outcome. */
  readonly done: number
  /** Rows that are still to be sent. */
  readonly remaining: number
}

const noRows: Preflight = { invalid: 0, done: 0, remaining: 0 }

/**
 * Reads a CSV file without sending anything. Prints each invalid row, runs `onRemaining` for each row that is still to be sent, and
 * counts the rows.
 */
export const preflight = <E, R>(
  path: string,
  previous: OutcomesFile.PreviousRun,
  onRemaining: (row: CsvRow) => Effect.Effect<void, E, R>
) =>
  Stream.runFoldEffect(
    csvRows(path),
    noRows,
    (counts, row): Effect.Effect<Preflight, E, R | Stdio> =>
      Either.match(row, {
        onLeft: ({ line, reason }) =>
          Effect.as(printError(`${path}, line ${line}: ${reason}`), { ...counts, invalid: counts.invalid + 1 }),
        onRight: (row) =>
          OutcomesFile.isDone(OutcomesFile.entryOf(previous, row.request.emailAddress))
            ? Effect.succeed({ ...counts, done: counts.done + 1 })
            : Effect.as(onRemaining(row), { ...counts, remaining: counts.remaining + 1 })
      })
  )

const encode = Schema.encodeSync(CreateBody)

/**
 * The line that `--dry-run` prints for a row.
 */
export const preview = ({ line, request }: CsvRow, options: { readonly json: boolean }): string => {
  const body = encode(request)
  if (options.json) return json({ line, request: body })
  const { email_address, ...fields } = body
  const address = `line ${line}  ${escapeControlChars(email_address)}`
  return Object.keys(fields).length === 0 ? address : `${address}  ${json(fields)}`
}
