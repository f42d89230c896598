import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import { CreateBody } from "@effect-clerk/http/ClerkApi"
import * as NodeStream from "@effect/platform-node/NodeStream"
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import { CsvError, parse } from "csv-parse"
import { Effect, Either, Option, ParseResult, Schema, Stream } from "effect"
import { type CommandFailed, exitUsage } from "../terminal/exitCode.js"

/**
 * A row that can be sent.
 */
export interface CsvRow {
  /** The number of the row's first line in the file. */
  readonly line: number
  readonly request: CreateInvitation
}

/**
 * A row that cannot be sent.
 */
export interface InvalidRow {
  readonly line: number
  /** Never quotes a value of the row. */
  readonly reason: string
}

// The number of the record's first line, then its cells. `on_record` can return only strings.
type CsvRecord = readonly [line: string, ...cells: ReadonlyArray<string>]

// The names that Clerk's request body has.
const fieldColumns = ["email_address", "redirect_url", "expires_in_days", "template_slug"]

const metadataPrefix = "metadata."

const columnNames = `${fieldColumns.join(", ")} and ${metadataPrefix}*`

const isColumn = (name: string): boolean =>
  fieldColumns.includes(name) || (name.startsWith(metadataPrefix) && name.length > metadataPrefix.length)

// Without a header row the first cell is an address: never print it.
const quoted = (name: string): string => /^[\w.-]{1,40}$/.test(name) ? ` (${name})` : ""

const checkHeader = (names: ReadonlyArray<string>): Either.Either<ReadonlyArray<string>, string> => {
  const unknown = names.findIndex((name) => !isColumn(name))
  const repeated = names.findIndex((name, index) => names.indexOf(name) !== index)
  if (!names.includes("email_address")) {
    return Either.left(`the column email_address is missing from the header; valid columns are ${columnNames}`)
  }
  if (unknown >= 0) {
    return Either.left(
      `column ${unknown + 1}${quoted(names[unknown] ?? "")} is unknown; valid columns are ${columnNames}`
    )
  }
  return repeated >= 0 ? Either.left(`column ${repeated + 1} repeats an earlier column`) : Either.right(names)
}

const decode = Schema.decodeUnknownEither(CreateBody, { errors: "all" })

const reasonOf = (error: ParseResult.ParseError): string =>
  ParseResult.ArrayFormatter.formatErrorSync(error)
    .map(({ message, path: [column] }) => {
      if (column === undefined) return message
      return column === "email_address" && message.startsWith("is missing")
        ? "email_address is missing"
        : `${String(column)} ${message}`
    })
    .join("; ")

const wholeNumber = /^\d{1,15}$/

const toRequest = (
  columns: ReadonlyArray<string>,
  cells: ReadonlyArray<string>
): Either.Either<CreateInvitation, string> => {
  if (cells.length !== columns.length) {
    return Either.left(`has ${cells.length} values for ${columns.length} columns`)
  }
  if (cells.some((cell) => cell.includes("\ufffd"))) return Either.left("is not UTF-8")
  const fields: Array<readonly [string, unknown]> = []
  const metadata: Array<readonly [string, string]> = []
  columns.forEach((column, index) => {
    const cell = cells[index] ?? ""
    if (cell === "") return
    if (column.startsWith(metadataPrefix)) metadata.push([column.slice(metadataPrefix.length), cell])
    else fields.push([column, column === "expires_in_days" && wholeNumber.test(cell) ? Number(cell) : cell])
  })
  if (metadata.length > 0) fields.push(["public_metadata", Object.fromEntries(metadata)])
  return Either.mapLeft(decode(Object.fromEntries(fields)), reasonOf)
}

const count = (cells: ReadonlyArray<string>, pattern: RegExp): number =>
  cells.reduce((sum, cell) => sum + (cell.match(pattern)?.length ?? 0), 0)

/**
 * Computes the first line of each record. The parser reports only the last line, and counts a CRLF inside quotes as two lines.
 */
const makeLineCounter = () => {
  let surplus = 0
  let lastLine = 0
  return {
    firstLine: (cells: ReadonlyArray<string>, reportedLine: number): number => {
      surplus += count(cells, /\r\n/g)
      lastLine = reportedLine - surplus
      return lastLine - count(cells, /\r\n|\r|\n/g)
    },
    /** The first line of the next record, if no empty lines come before it. */
    nextLine: (): number => lastLine + 1
  }
}

const maxRecordBytes = 1024 * 1024

// After a misplaced quote the end of the record is unknown, so `--skip-invalid` cannot skip it.
const quoteError = (path: string, line: number, error: unknown): CommandFailed => {
  const code = error instanceof CsvError ? error.code : ""
  const reason = code === "CSV_QUOTE_NOT_CLOSED"
    ? "a quote is opened and never closed"
    : code === "CSV_MAX_RECORD_SIZE"
    ? `the row has more than ${maxRecordBytes} bytes, probably because a closing quote is missing`
    : "a quote is out of place; inside a quoted value write it twice"
  return exitUsage(`${path}, line ${line}: ${reason}. The rows after it cannot be read. Nothing was sent.`)
}

/**
 * Reads the rows of a CSV file as a stream, so memory holds one piece of the file at a time. Fails if the file cannot be read, has
 * an invalid header or has a misplaced quote.
 */
export const csvRows = (
  path: string
): Stream.Stream<Either.Either<CsvRow, InvalidRow>, CommandFailed | PlatformError, FileSystem.FileSystem> =>
  Stream.suspend(() => {
    const lineCounter = makeLineCounter()

    const records = Stream.unwrap(Effect.map(FileSystem.FileSystem, (fs) => fs.stream(path))).pipe(
      NodeStream.pipeThroughDuplex<CommandFailed, CsvRecord>(
        () =>
          parse({
            bom: true,
            max_record_size: maxRecordBytes,
            // Runs while the parser reads, so that `nextLine` is right when the parser fails.
            on_record: (cells: Array<string>, { lines }) => [String(lineCounter.firstLine(cells, lines)), ...cells],
            record_delimiter: ["\r\n", "\n", "\r"],
            relax_column_count: true,
            skip_empty_lines: true,
            skip_records_with_empty_values: true,
            trim: true
          }),
        (error) => quoteError(path, lineCounter.nextLine(), error)
      )
    )

    // The first record is the header.
    let columns = Option.none<ReadonlyArray<string>>()
    const toRow = (
      [firstLine, ...cells]: CsvRecord
    ): Effect.Effect<Option.Option<Either.Either<CsvRow, InvalidRow>>, CommandFailed> => {
      const line = Number(firstLine)
      if (Option.isSome(columns)) {
        return Effect.succeedSome(Either.mapBoth(toRequest(columns.value, cells), {
          onLeft: (reason) => ({ line, reason }),
          onRight: (request) => ({ line, request })
        }))
      }
      return Either.match(checkHeader(cells), {
        onLeft: (reason) => Effect.fail(exitUsage(`${path}, line ${line}: ${reason}. Nothing was sent.`)),
        onRight: (names) => {
          columns = Option.some(names)
          return Effect.succeedNone
        }
      })
    }

    const failIfEmpty = Stream.suspend(() =>
      Option.isNone(columns) ? Stream.fail(exitUsage(`${path} is empty. Nothing was sent.`)) : Stream.empty
    )

    return records.pipe(
      Stream.mapEffect(toRow),
      Stream.filterMap((row) => row),
      Stream.concat(failIfEmpty)
    )
  })
