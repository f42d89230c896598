import { FileSystem } from "@effect/platform"
import { assert } from "@effect/vitest"
import { Array, Effect, Either, Stream } from "effect"
import { type CsvOptions, defaults } from "../../../cli/csv/csvOptions.js"
import { csvRows } from "../../../cli/csv/csvRows.js"

/** The file that the tests read. */
export const people = { path: "/data/people.csv", name: "people.csv" }

/** Bytes in pieces of `size`. */
export const pieces = (content: string | Uint8Array, size = 65536): Stream.Stream<Uint8Array> => {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content
  return Stream.fromIterable(
    Array.makeBy(Math.max(1, Math.ceil(bytes.length / size)), (index) => bytes.slice(index * size, (index + 1) * size))
  )
}

/** The rows of a stream of bytes. */
export const readStream = (bytes: Stream.Stream<Uint8Array>, options: Partial<CsvOptions> = {}) =>
  csvRows(people, { ...defaults, ...options }).pipe(
    Stream.provideSomeLayer(FileSystem.layerNoop({ stream: () => bytes }))
  )

/** The rows of a file that is read in pieces of `size` bytes. */
export const read = (content: string | Uint8Array, options: Partial<CsvOptions> = {}, size?: number) =>
  Effect.map(Stream.runCollect(readStream(pieces(content, size), options)), Array.fromIterable)

/** The requests of a file without invalid rows. */
export const requests = (content: string | Uint8Array, options: Partial<CsvOptions> = {}, size?: number) =>
  Effect.flatMap(
    read(content, options, size),
    (rows) => Effect.all(rows.map((row) => Either.map(row, ({ request }) => request)))
  )

/** The addresses of a file without invalid rows. */
export const addresses = (content: string | Uint8Array, options: Partial<CsvOptions> = {}, size?: number) =>
  Effect.map(requests(content, options, size), Array.map(({ emailAddress }) => emailAddress))

/** The lines and reasons of the invalid rows of a file. */
export const invalid = (content: string | Uint8Array, options: Partial<CsvOptions> = {}) =>
  Effect.map(read(content, options), (rows) => Array.getLefts(rows).map(({ line, reason }) => `${line}: ${reason}`))

/** The message of the error of a file. */
export const failure = (content: string | Uint8Array, options: Partial<CsvOptions> = {}, size?: number) =>
  Effect.map(Effect.flip(read(content, options, size)), (error) => {
    assert.deepInclude(error, { _tag: "CommandFailed", code: 2 })
    return error.message
  })
