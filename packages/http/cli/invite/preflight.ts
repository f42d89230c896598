import { EmailAddress } from "@effect-clerk/core"
import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import type { DateTime } from "effect"
import { Effect, Either, Stream } from "effect"
import type { CsvOptions } from "../csv/csvOptions.js"
import { type CsvFile, type CsvRow, csvRows } from "../csv/csvRows.js"
import { json } from "../terminal/render.js"
import { renderRequest, toBody } from "../terminal/renderRequest.js"
import { printError, type Stdio } from "../terminal/stdio.js"
import type * as OutcomesFile from "./outcomesFile.js"
import * as Rerun from "./rerun.js"
import type { UnknownRows } from "./settleUnknown.js"

/**
 * The numbers of rows of a CSV file.
 */
export interface Counts {
  /** Rows that cannot be sent. */
  readonly invalid: number
  /** Rows that need no further call, because a previous run has their outcome. */
  readonly done: number
  /** Those of them whose invitation has expired, unless it was accepted. */
  readonly expired: number
  /** Rows whose address is in an earlier row. */
  readonly repeated: number
  /** Rows whose address has a pending invitation; 0 unless it was looked up. */
  readonly pending: number
  /** All other rows: they are still to be sent. */
  readonly remaining: number
  /** Rows that the job gets: those that are not invalid and have no outcome yet, repeated or not. */
  readonly inputs: number
}

/**
 * What a run has to do.
 */
export interface Preflight extends Counts {
  /** The rows whose last outcome is unknown, by folded address. */
  readonly unknown: ReadonlyMap<string, UnknownRows>
}

const noRows: Counts = { invalid: 0, done: 0, expired: 0, repeated: 0, pending: 0, remaining: 0, inputs: 0 }

/**
 * An earlier row with the same address.
 */
export interface Repeated {
  readonly line: number
  /** Whether all other values are the same too. Compared in a dry run only. */
  readonly isEqual: boolean
}

/**
 * A row that has no outcome yet.
 */
export interface InputRow extends CsvRow {
  readonly repeats: Repeated | undefined
  readonly isPending: boolean
}

const fieldsOf = (request: CreateInvitation): string => JSON.stringify({ ...toBody(request), email_address: "" })

/**
 * Reads a CSV file without sending anything. Prints each invalid row, runs `onInput` for each row without an outcome, and counts
 * the rows. `pending` has the folded addresses that are known to have an invitation.
 */
export const preflight = <E, R>(
  file: CsvFile,
  options: CsvOptions & Rerun.RerunOptions & { readonly dryRun: boolean },
  { now, pending, previous }: {
    readonly now: DateTime.Utc
    readonly pending: ReadonlySet<string>
    readonly previous: OutcomesFile.PreviousRun
  },
  onInput: (row: InputRow) => Effect.Effect<void, E, R>
) =>
  Effect.gen(function*() {
    const firstRows = new Map<string, { readonly line: number; readonly fields: string }>()
    const unknown = new Map<string, UnknownRows>()

    const repeatsOf = (address: string, { line, request }: CsvRow): Repeated | undefined => {
      // Only a dry run tells whether the values differ. Other runs keep the addresses only.
      const fields = options.dryRun ? fieldsOf(request) : ""
      const first = firstRows.get(address)
      if (first === undefined) firstRows.set(address, { line, fields })
      return first === undefined ? undefined : { line: first.line, isEqual: first.fields === fields }
    }

    const count = (row: CsvRow): Effect.Effect<Counts, E, R> => {
      const { request } = row
      const address = EmailAddress.fold(request.emailAddress)
      const entry = previous.entries.get(address)
      const repeats = repeatsOf(address, row)
      if (Rerun.isDone(entry, request, options, now)) {
        if (repeats !== undefined) return Effect.succeed({ ...noRows, repeated: 1 })
        const isExpired = entry !== undefined && Rerun.isExpired(entry, request, now)
        return Effect.succeed({ ...noRows, done: 1, expired: isExpired ? 1 : 0 })
      }
      if (entry?.outcome === "Unknown") {
        const { line, rows } = unknown.get(address) ?? { line: row.line, rows: 0 }
        unknown.set(address, { emailAddress: request.emailAddress, line, rows: rows + 1 })
      }
      const isPending = pending.has(address)
      const kind = repeats !== undefined
        ? { repeated: 1 }
        : isPending && options.onExisting !== "resend"
        ? { pending: 1 }
        : { remaining: 1 }
      return Effect.as(onInput({ ...row, repeats, isPending }), { ...noRows, ...kind, inputs: 1 })
    }

    const counts = yield* csvRows(file, options).pipe(
      Stream.mapEffect(
        Either.match({
          onLeft: ({ line, reason }) =>
            Effect.as(printError(`${file.name}, line ${line}: ${reason}`), { ...noRows, invalid: 1 }),
          onRight: (row): Effect.Effect<Counts, E, R | Stdio> => count(row)
        })
      ),
      Stream.runFold(noRows, (sum, row): Counts => ({
        invalid: sum.invalid + row.invalid,
        done: sum.done + row.done,
        expired: sum.expired + row.expired,
        repeated: sum.repeated + row.repeated,
        pending: sum.pending + row.pending,
        remaining: sum.remaining + row.remaining,
        inputs: sum.inputs + row.inputs
      }))
    )
    const found: Preflight = { ...counts, unknown }
    return found
  })

/**
 * The line that `--dry-run` prints for a row.
 */
export const preview = (row: InputRow, options: { readonly json: boolean } & Rerun.RerunOptions): string => {
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
