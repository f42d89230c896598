import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import { Effect, Either, Stream } from "effect"
import { type CommandFailed, exitUsage } from "../terminal/exitCode.js"
import { holdsAddress } from "./addressColumn.js"
import { columnsOf } from "./columnNames.js"
import { type ColumnUse, planColumns } from "./columns.js"
import type { CsvOptions } from "./csvOptions.js"
import { decodeText } from "./decodeText.js"
import { fileError } from "./fileError.js"
import { type CsvRecord, readRecords } from "./records.js"
import { rowRequest } from "./rowRequest.js"
import { maxLength } from "./textLines.js"

/**
 * A regular file. `name` is what messages call it, for example `people.csv` or `standard input`.
 */
export interface CsvFile {
  readonly path: string
  readonly name: string
}

/**
 * A row that can be sent.
 */
export interface CsvRow {
  /** The number of the row's first line in the file. */
  readonly line: number
  readonly request: CreateInvitation
  /** The repairs of the address in words, for example "a display name was removed". Empty without `tidy`. */
  readonly repairs: ReadonlyArray<string>
}

/**
 * A row that cannot be sent.
 */
export interface InvalidRow {
  readonly line: number
  /** Never quotes a value of the row. */
  readonly reason: string
}

type Rows = ReadonlyArray<Either.Either<CsvRow, InvalidRow>>

// The header, and the rows that show which column holds the addresses.
const sampleSize = 21

const sizeOf = (records: ReadonlyArray<CsvRecord>): number =>
  records.reduce((sum, { cells }) => cells.reduce((sum, cell) => sum + cell.length, sum), 0)

/**
 * Decides what each column is used for, by the first records of the file.
 */
const plan = (
  { name }: CsvFile,
  options: CsvOptions,
  records: ReadonlyArray<CsvRecord>
): Either.Either<ReadonlyArray<ColumnUse>, CommandFailed> => {
  const [first, ...others] = records
  if (first === undefined) return Either.left(exitUsage(`${name} is empty. Nothing was sent.`))
  if (!options.noHeader && first.cells.some(holdsAddress)) {
    return Either.left(
      fileError(
        name,
        first.line,
        "the first row holds an address, so it is not a header. Pass --no-header, or add a header with the column " +
          "email_address"
      )
    )
  }
  const table = {
    columns: columnsOf(first.cells, { hasHeader: !options.noHeader }),
    rows: (options.noHeader ? records : others).map(({ cells }) => cells)
  }
  return Either.mapLeft(planColumns(table, options), (reason) => fileError(name, first.line, reason))
}

/**
 * Holds the first records until the use of the columns is decided, then converts each record to a row.
 */
const makeReader = (file: CsvFile, options: CsvOptions) => {
  let held: ReadonlyArray<CsvRecord> = []
  let uses: ReadonlyArray<ColumnUse> | undefined

  const toRows = (uses: ReadonlyArray<ColumnUse>, records: Iterable<CsvRecord>) =>
    Array.from(
      records,
      ({ cells, line }): Either.Either<CsvRow, InvalidRow> =>
        Either.mapBoth(rowRequest(uses, cells, options), {
          onLeft: (reason) => ({ line, reason }),
          onRight: (row) => ({ line, ...row })
        })
    )

  const begin = () =>
    Either.map(plan(file, options, held.slice(0, options.noHeader ? sampleSize - 1 : sampleSize)), (planned) => {
      const records = options.noHeader ? held : held.slice(1)
      uses = planned
      held = []
      return toRows(planned, records)
    })

  return {
    push: (records: Iterable<CsvRecord>): Either.Either<Rows, CommandFailed> => {
      if (uses !== undefined) return Either.right(toRows(uses, records))
      held = [...held, ...records]
      return held.length < sampleSize && sizeOf(held) < maxLength ? Either.right([]) : begin()
    },
    end: (): Either.Either<Rows, CommandFailed> => uses === undefined ? begin() : Either.right([])
  }
}

/**
 * Reads the rows of a CSV file as a stream. Memory holds a piece of the file and its first rows, at most 1 MB of them. Fails if
 * the file cannot be read, its text or its header is invalid, or a quote is misplaced.
 */
export const csvRows = (
  file: CsvFile,
  options: CsvOptions
): Stream.Stream<Either.Either<CsvRow, InvalidRow>, CommandFailed | PlatformError, FileSystem.FileSystem> =>
  Stream.suspend(() => {
    const bytes = Stream.unwrap(Effect.map(FileSystem.FileSystem, (fs) => fs.stream(file.path)))
    const reader = makeReader(file, options)
    return readRecords(decodeText(bytes, { name: file.name, encoding: options.encoding }), file.name).pipe(
      Stream.chunks,
      Stream.mapEffect(reader.push),
      Stream.concat(Stream.fromEffect(Effect.suspend(reader.end))),
      Stream.flattenIterables
    )
  })
