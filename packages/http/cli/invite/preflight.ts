import { EmailAddress } from "@effect-clerk/core"
import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import type { DateTime } from "effect"
import { Effect, Either, Stream } from "effect"
import type { CsvOptions } from "../csv/csvOptions.js"
import { type CsvFile, type CsvRow, csvRows } from "../csv/csvRows.js"
import { json } from "../terminal/render.js"
import { renderRequest, toBody } from "../terminal/renderRequest.js"
import { printError } from "../terminal/stdio.js"
import * as OutcomesFile from "./outcomesFile.js"
import * as Rerun from "./rerun.js"

/**
 * The numbers of rows of a CSV file.
 */
export interface Preflight {
  /** Rows that cannot be sent. */
  readonly invalid: number
  /** Rows that need no further call, because a previous run has their outcome. */
  readonly done: number
  /** Those of them whose invitation has expired, unless it was accepted. */
  readonly expired: number
  /** Rows whose address is in an earlier row that is still to be sent. */
  readonly repeated: number
  /** Rows whose address has a pending invitation; 0 unless it was looked up. */
  readonly pending: number
  /** All other rows: they are still to be sent. */
  readonly remaining: number
}

const noRows: Preflight = { invalid: 0, done: 0, expired: 0, repeated: 0, pending: 0, remaining: 0 }

/**
 * An earlier row with the same address.
 */
export interface Repeated {
  readonly line: number
  /** Whether all other values are the same too. */
  readonly isEqual: boolean
}

/**
 * A row that has no outcome yet.
 */
export interface RemainingRow extends CsvRow {
  readonly repeats: Repeated | undefined
  readonly isPending: boolean
}

const fieldsOf = (request: CreateInvitation): string => JSON.stringify({ ...toBody(request), email_address: "" })

/**
 * Reads a CSV file without sending anything. Prints each invalid row, runs `onRemaining` for each row without an outcome, and
 * counts the rows. `pending` has the folded addresses that are known to have an invitation.
 */
export const preflight = <E, R>(
  file: CsvFile,
  options: CsvOptions & Rerun.RerunOptions,
  { now, pending, previous }: {
    readonly now: DateTime.Utc
    readonly pending: ReadonlySet<string>
    readonly previous: OutcomesFile.PreviousRun
  },
  onRemaining: (row: RemainingRow) => Effect.Effect<void, E, R>
) =>
  Stream.unwrap(Effect.sync(() => {
    const firstRows = new Map<string, { readonly line: number; readonly fields: string }>()
    const repeatsOf = ({ line, request }: CsvRow): Repeated | undefined => {
      const address = EmailAddress.fold(request.emailAddress)
      const fields = fieldsOf(request)
      const first = firstRows.get(address)
      if (first === undefined) firstRows.set(address, { line, fields })
      return first === undefined ? undefined : { line: first.line, isEqual: first.fields === fields }
    }
    return Stream.mapEffect(csvRows(file, options), (row) =>
      Effect.gen(function*() {
        if (Either.isLeft(row)) {
          yield* printError(`${file.name}, line ${row.left.line}: ${row.left.reason}`)
          return { ...noRows, invalid: 1 }
        }
        const { request } = row.right
        const entry = OutcomesFile.entryOf(previous, request.emailAddress)
        if (Rerun.isDone(entry, request, options, now)) {
          const isExpired = entry !== undefined && Rerun.isExpired(entry, request, now)
          return { ...noRows, done: 1, expired: isExpired ? 1 : 0 }
        }
        const repeats = repeatsOf(row.right)
        const isPending = pending.has(EmailAddress.fold(request.emailAddress))
        yield* onRemaining({ ...row.right, repeats, isPending })
        if (repeats !== undefined) return { ...noRows, repeated: 1 }
        return isPending && options.onExisting !== "resend" ? { ...noRows, pending: 1 } : { ...noRows, remaining: 1 }
      }))
  })).pipe(
    Stream.runFold(noRows, (sum, row): Preflight => ({
      invalid: sum.invalid + row.invalid,
      done: sum.done + row.done,
      expired: sum.expired + row.expired,
      repeated: sum.repeated + row.repeated,
      pending: sum.pending + row.pending,
      remaining: sum.remaining + row.remaining
    }))
  )

/**
 * The line that `--dry-run` prints for a row.
 */
export const preview = (row: RemainingRow, options: { readonly json: boolean } & Rerun.RerunOptions): string => {
  const { isPending, line, repairs, repeats, request } = row
  if (options.json) {
    return json({
      line,
      request: toBody(request),
      ...(repairs.length === 0 ? {} : { repairs }),
      ...(repeats === undefined ? {} : { repeats: repeats.line }),
      ...(isPending ? { already_invited: true } : {})
    })
  }
  const notes = [
    ...repairs,
    ...(repeats === undefined
      ? []
      : [`repeats line ${repeats.line}${repeats.isEqual ? "" : " with other values"}, not sent`]),
    ...(isPending ? [options.onExisting === "resend" ? "already invited, sent again" : "already invited"] : [])
  ]
  return `line ${line}  ${renderRequest(request)}${notes.length === 0 ? "" : `  (${notes.join("; ")})`}`
}
