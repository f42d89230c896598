import { CreateInvitation } from "@effect-clerk/core"
import { FileSystem } from "@effect/platform"
import * as NodeStream from "@effect/platform-node/NodeStream"
import type { PlatformError } from "@effect/platform/Error"
import { CsvError, parse } from "csv-parse"
import type { Option } from "effect"
import { Effect, Either, ParseResult, Schema, Stream } from "effect"
import { type CommandFailed, exitUsage } from "./exitCode.js"

/**
 * Somebody to invite.
 */
export interface CsvRow {
  /** The line of the file, the first of them where there are several. */
  readonly line: number
  readonly request: CreateInvitation
}

/**
 * A line that cannot be sent. It does not say what is in it.
 */
export interface BadLine {
  readonly line: number
  readonly reason: string
}

// The line where it begins, and its cells.
type CsvRecord = readonly [line: string, ...cells: ReadonlyArray<string>]

const fieldOf = new Map([
  ["email_address", "emailAddress"],
  ["redirect_url", "redirectUrl"],
  ["expires_in_days", "expiresInDays"],
  ["template_slug", "templateSlug"]
])

const metadataPrefix = "metadata."

const known = `${[...fieldOf.keys()].join(", ")} and ${metadataPrefix}*`

const isKnown = (name: string): boolean =>
  fieldOf.has(name) || (name.startsWith(metadataPrefix) && name.length > metadataPrefix.length)

// A file without a head begins with an address, which is nobody else's business.
const quoted = (name: string): string => /^[\w.-]{1,40}$/.test(name) ? ` (${name})` : ""

const checkColumns = (names: ReadonlyArray<string>): Either.Either<ReadonlyArray<string>, string> => {
  const unknown = names.findIndex((name) => !isKnown(name))
  const repeated = names.findIndex((name, index) => names.indexOf(name) !== index)
  if (!names.includes("email_address")) return Either.left(`there is no column email_address; columns are ${known}`)
  if (unknown >= 0) return Either.left(`column ${unknown + 1}${quoted(names[unknown] ?? "")} is none of ${known}`)
  return repeated >= 0 ? Either.left(`column ${repeated + 1} is there twice`) : Either.right(names)
}

const check = ParseResult.validateEither(Schema.typeSchema(CreateInvitation), { errors: "all" })

const columnOf = (field: PropertyKey | undefined): string =>
  [...fieldOf].find(([, name]) => name === field)?.[0] ?? "the line"

const wholeNumber = /^\d{1,15}$/

const value = (column: string, cell: string): unknown =>
  column === "expires_in_days" && wholeNumber.test(cell) ? Number(cell) : cell

const toRequest = (
  columns: ReadonlyArray<string>,
  cells: ReadonlyArray<string>
): Either.Either<CreateInvitation, string> => {
  if (cells.length !== columns.length) {
    return Either.left(`has ${cells.length} values for ${columns.length} columns`)
  }
  if (cells.some((cell) => cell.includes("\ufffd"))) return Either.left("is not UTF-8")
  const filled = columns.flatMap((column, index) => {
    const cell = cells[index] ?? ""
    return cell === "" ? [] : [[column, cell] as const]
  })
  const metadata = filled.flatMap(([column, cell]) =>
    column.startsWith(metadataPrefix) ? [[column.slice(metadataPrefix.length), cell] as const] : []
  )
  const fields = filled.flatMap(([column, cell]) => {
    const field = fieldOf.get(column)
    return field === undefined ? [] : [[field, value(column, cell)] as const]
  })
  return Either.mapLeft(
    check({
      ...Object.fromEntries(fields),
      ...(metadata.length === 0 ? {} : { publicMetadata: Object.fromEntries(metadata) })
    }),
    (issue) =>
      ParseResult.ArrayFormatter.formatIssueSync(issue)
        .map(({ message, path }) =>
          path[0] === "emailAddress" && message.startsWith("is missing")
            ? "email_address is missing"
            : `${columnOf(path[0])} ${message}`
        )
        .join("; ")
  )
}

const count = (cells: ReadonlyArray<string>, what: RegExp): number =>
  cells.reduce((sum, cell) => sum + (cell.match(what)?.length ?? 0), 0)

/**
 * Finds the line where a record begins. The parser tells where it ends, and counts a CRLF inside quotes as two lines.
 */
const makeLines = () => {
  let over = 0
  let last = 0
  return {
    begin: (cells: ReadonlyArray<string>, end: number): number => {
      over += count(cells, /\r\n/g)
      last = end - over
      return last - count(cells, /\r\n|\r|\n/g)
    },
    /** Where the next record begins, unless there are empty lines before it. */
    next: (): number => last + 1
  }
}

const maxRecordBytes = 1024 * 1024

// After a quote that is out of place nobody can tell where the next line begins: that is no line to skip.
const broken = (path: string, line: number, error: unknown): CommandFailed => {
  const code = error instanceof CsvError ? error.code : ""
  const reason = code === "CSV_QUOTE_NOT_CLOSED"
    ? "a quote is opened and never closed"
    : code === "CSV_MAX_RECORD_SIZE"
    ? `more than ${maxRecordBytes} bytes, as where a quote is missing`
    : "a quote is out of place; inside a quoted value it is doubled"
  return exitUsage(`${path}, line ${line}: ${reason}. What follows cannot be told apart. Nothing was sent.`)
}

/**
 * The people of a CSV file, as they are read: the file is never in memory as a whole. Fails where the file is no such table, or
 * cannot be read.
 */
export const csvRows = (
  path: string
): Stream.Stream<Either.Either<CsvRow, BadLine>, CommandFailed | PlatformError, FileSystem.FileSystem> =>
  Stream.suspend(() => {
    let columns: ReadonlyArray<string> | undefined
    const lines = makeLines()

    const toRow = (
      [begin, ...cells]: CsvRecord
    ): Effect.Effect<Option.Option<Either.Either<CsvRow, BadLine>>, CommandFailed> => {
      const line = Number(begin)
      if (columns !== undefined) {
        return Effect.succeedSome(Either.mapBoth(toRequest(columns, cells), {
          onLeft: (reason) => ({ line, reason }),
          onRight: (request) => ({ line, request })
        }))
      }
      return Either.match(checkColumns(cells), {
        onLeft: (reason) => Effect.fail(exitUsage(`${path}, line ${line}: ${reason}. Nothing was sent.`)),
        onRight: (names) => {
          columns = names
          return Effect.succeedNone
        }
      })
    }

    const records = Stream.unwrap(Effect.map(FileSystem.FileSystem, (fs) => fs.stream(path))).pipe(
      NodeStream.pipeThroughDuplex<CommandFailed, CsvRecord>(
        () =>
          parse({
            bom: true,
            max_record_size: maxRecordBytes,
            // Called as the parser gets there, so that an error behind it finds the right line.
            on_record: (cells: Array<string>, { lines: end }) => [String(lines.begin(cells, end)), ...cells],
            record_delimiter: ["\r\n", "\n", "\r"],
            relax_column_count: true,
            skip_empty_lines: true,
            skip_records_with_empty_values: true,
            trim: true
          }),
        (error) => broken(path, lines.next(), error)
      )
    )

    return records.pipe(
      Stream.mapEffect(toRow),
      Stream.filterMap((row) => row),
      Stream.concat(
        Stream.suspend(() =>
          columns === undefined ? Stream.fail(exitUsage(`${path} is empty. Nothing was sent.`)) : Stream.empty
        )
      )
    )
  })
