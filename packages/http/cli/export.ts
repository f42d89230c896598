import { type Invitation, type InvitationId, InvitationsService } from "@effect-clerk/core"
import { Command, Options } from "@effect/cli"
import { FileSystem } from "@effect/platform"
import { stringify } from "csv-stringify/sync"
import { Chunk, Effect, Option, Stream } from "effect"
import { exitUsage } from "./exitCode.js"
import * as flags from "./flags.js"
import { json, printError, printLine, type RenderOptions, toObject } from "./output.js"
import { InvitationsLive } from "./service.js"

const formats = ["ndjson", "csv"] as const

type Format = typeof formats[number]

const format = Options.choice("format", formats).pipe(
  Options.optional,
  Options.withDescription("Default: csv where --output ends in .csv, otherwise ndjson.")
)

const output = Options.file("output").pipe(
  Options.withAlias("o"),
  Options.optional,
  Options.withDescription("The file to write. Default: standard output.")
)

/**
 * All there are. Clerk lists revoked ones only where they are asked for, and last is when: whatever is revoked meanwhile is seen
 * twice rather than never, and shown once.
 */
const everything = Effect.map(InvitationsService, (invitations) => {
  const seen = new Set<InvitationId>()
  return Stream.concat(invitations.stream(), invitations.stream({ status: "revoked" })).pipe(
    Stream.filter(({ id }) => seen.size < seen.add(id).size)
  )
})

const csvColumns = [
  "id",
  "email_address",
  "status",
  "created_at",
  "updated_at",
  "expires_at",
  "public_metadata"
]

const iso = (millis: number | null): string => millis === null ? "" : new Date(millis).toISOString()

const csvRow = (invitation: Invitation, showing: RenderOptions): ReadonlyArray<string> => {
  const { created_at, email_address, expires_at, id, public_metadata, status, updated_at, url } = toObject(
    invitation,
    showing
  )
  return [
    id,
    email_address,
    status,
    iso(created_at),
    iso(updated_at),
    iso(expires_at),
    JSON.stringify(public_metadata),
    ...(showing.showUrl ? [url ?? ""] : [])
  ]
}

// A table goes into a spreadsheet, where an address such as =HYPERLINK(…)@example.com would be run. Whoever wants every
// character as it is takes NDJSON.
const csv = (rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  stringify(rows.map((row) => [...row]), { escape_formulas: true, eof: false })

/**
 * The lines of a format, those of a page together.
 */
const lines = <E, R>(
  invitations: Stream.Stream<Invitation, E, R>,
  format: Format,
  showing: RenderOptions
): Stream.Stream<string, E, R> => {
  const chunks = invitations.pipe(Stream.chunks, Stream.filter(Chunk.isNonEmpty), Stream.map(Chunk.toReadonlyArray))
  switch (format) {
    case "ndjson":
      return Stream.map(chunks, (chunk) => chunk.map((row) => json(toObject(row, showing))).join("\n"))
    case "csv":
      return Stream.concat(
        Stream.make(csv([[...csvColumns, ...(showing.showUrl ? ["url"] : [])]])),
        Stream.map(chunks, (chunk) => csv(chunk.map((row) => csvRow(row, showing))))
      )
  }
}

/**
 * Writes beside the file and puts it in its place once it is whole, so that what is there is never half an export. Nobody else
 * may read it: it is about people.
 */
const toFile = <E, R>(path: string, lines: Stream.Stream<string, E, R>) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const partial = `${path}.partial`
    yield* lines.pipe(
      Stream.map((line) => `${line}\n`),
      Stream.encodeText,
      Stream.run(fs.sink(partial, { flag: "w", mode: 0o600 })),
      Effect.zipRight(fs.rename(partial, path)),
      Effect.onError(() => Effect.ignore(fs.remove(partial)))
    )
  })

export const exportAll = Command.make(
  "export",
  { format, json: flags.json, output, showUrl: flags.showUrl },
  (options) =>
    Effect.gen(function*() {
      if (options.json && Option.contains(options.format, "csv")) {
        return yield* exitUsage("--json and --format csv exclude each other.")
      }
      const format = Option.getOrElse(options.format, () =>
        !options.json && Option.exists(options.output, (path) => path.endsWith(".csv")) ? "csv" : "ndjson")
      let count = 0
      const all = Stream.tap(yield* everything, () =>
        Effect.sync(() => count++))
      if (Option.isNone(options.output)) return yield* Stream.runForEach(lines(all, format, options), printLine)
      yield* toFile(options.output.value, lines(all, format, options))
      yield* printError(`${count} invitations in ${options.output.value}`)
    }).pipe(Effect.provide(InvitationsLive))
).pipe(
  Command.withDescription("Writes all invitations, revoked ones as well, as NDJSON or CSV, as they arrive.")
)
