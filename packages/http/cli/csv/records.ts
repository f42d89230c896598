import { CsvError, parse } from "csv-parse"
import { Effect, Either, Stream } from "effect"
import type { CommandFailed } from "../terminal/exitCode.js"
import { type Delimiter, detectDelimiter, hasFirstRecord } from "./delimiter.js"
import { fileError } from "./fileError.js"
import { maxLength } from "./textLines.js"

/**
 * The values of a row or of the header.
 */
export interface CsvRecord {
  /** The number of the record's first line in the file. */
  readonly line: number
  readonly cells: ReadonlyArray<string>
}

const count = (cells: ReadonlyArray<string>, pattern: RegExp): number =>
  cells.reduce((sum, cell) => sum + (cell.match(pattern)?.length ?? 0), 0)

/**
 * Computes the first line of each record. The parser reports only the last line, and counts a CRLF inside quotes as two lines.
 */
const makeLineCounter = (linesBefore: number) => {
  let surplus = 0
  let lastLine = linesBefore
  return {
    firstLine: (cells: ReadonlyArray<string>, reportedLine: number): number => {
      surplus += count(cells, /\r\n/g)
      lastLine = linesBefore + reportedLine - surplus
      return lastLine - count(cells, /\r\n|\r|\n/g)
    },
    /** The first line of the next record. */
    nextLine: (): number => lastLine + 1
  }
}

// After a misplaced quote the end of the record is unknown, so `--skip-invalid` cannot skip it.
const quoteError = (name: string, line: number, error: unknown): CommandFailed => {
  const code = error instanceof CsvError ? error.code : ""
  const reason = code === "CSV_QUOTE_NOT_CLOSED"
    ? "a quote is opened and never closed"
    : code === "CSV_MAX_RECORD_SIZE"
    ? `the row has more than ${maxLength} bytes, probably because a closing quote is missing`
    : "a quote is out of place; inside a quoted value write it twice"
  return fileError(name, line, `${reason}. The rows after it cannot be read`)
}

interface Format {
  readonly delimiter: Delimiter
  readonly linesBefore: number
}

/**
 * A parser that takes the text in pieces. Each call returns the records that end in the piece, so that no records pile up.
 */
const makeParser = (name: string, { delimiter, linesBefore }: Format) => {
  const lineCounter = makeLineCounter(linesBefore)
  let records: Array<CsvRecord> = []
  const parser = parse({
    delimiter,
    max_record_size: maxLength,
    // Runs while the parser reads. The stream itself has no elements.
    on_record: (cells: ReadonlyArray<string>, { lines }) => {
      const line = lineCounter.firstLine(cells, lines)
      if (cells.some((cell) => cell.trim() !== "")) records.push({ line, cells })
      return null
    },
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    // Takes a quote inside an unquoted value literally. Together with `trim`, text after a closing quote is still an error.
    relax_quotes: true,
    trim: true
  })
  // The callbacks get the error too.
  parser.on("error", () => undefined)

  const run = (action: (onDone: (error?: Error | null) => void) => void) =>
    Effect.async<ReadonlyArray<CsvRecord>, CommandFailed>((resume) => {
      action((error) => {
        const parsed = records
        records = []
        resume(error ? Effect.fail(quoteError(name, lineCounter.nextLine(), error)) : Effect.succeed(parsed))
      })
    })

  return {
    push: (text: string) => run((onDone) => parser.write(text, onDone)),
    end: Effect.suspend(() => run((onDone) => parser.end(onDone)))
  }
}

/**
 * Holds the text until the delimiter is known, then parses it.
 */
const makeReader = (name: string) => {
  let start = ""
  let parser: ReturnType<typeof makeParser> | undefined

  const begin = Effect.suspend(() =>
    Either.match(detectDelimiter(start), {
      onLeft: (reason) => Effect.fail(fileError(name, 1, reason)),
      onRight: ({ delimiter, separatorLength }) => {
        parser = makeParser(name, { delimiter, linesBefore: separatorLength === 0 ? 0 : 1 })
        const text = start.slice(separatorLength)
        start = ""
        return parser.push(text)
      }
    })
  )

  return {
    push: (text: string) => {
      if (parser !== undefined) return parser.push(text)
      start += text
      return start.length < maxLength && !hasFirstRecord(start) ? Effect.succeed([]) : begin
    },
    end: Effect.suspend(() =>
      parser === undefined
        ? Effect.zipWith(
          begin,
          Effect.suspend(() => parser?.end ?? Effect.succeed([])),
          (first, last) => [...first, ...last]
        )
        : parser.end
    )
  }
}

/**
 * Splits the text of a file into its records, except empty ones. The delimiter is the one of the line `sep=X`, otherwise the
 * most frequent of `,` `;` and tab in the first record. Fails at a misplaced quote and at a record that is too large.
 */
export const readRecords = <E, R>(
  text: Stream.Stream<string, E, R>,
  name: string
): Stream.Stream<CsvRecord, E | CommandFailed, R> =>
  Stream.suspend(() => {
    const reader = makeReader(name)
    return text.pipe(
      Stream.mapEffect(reader.push),
      Stream.concat(Stream.fromEffect(reader.end)),
      Stream.flattenIterables
    )
  })
