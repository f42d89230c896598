import { InvitationsService } from "@effect-clerk/core"
import type { Invitation, InvitationId } from "@effect-clerk/core/Invitation"
import { Command, Options } from "@effect/cli"
import { stringify } from "csv-stringify/sync"
import { Chunk, Effect, Option, Stream } from "effect"
import { protectApostrophe } from "../csv/cells.js"
import { exportHeader } from "../csv/exportHeader.js"
import * as SafeFile from "../files/safeFile.js"
import * as flags from "../settings/flags.js"
import { InvitationsLive } from "../settings/service.js"
import { withSettings } from "../settings/withSettings.js"
import { exitUsage } from "../terminal/exitCode.js"
import { json, type RenderOptions, toObject } from "../terminal/render.js"
import { onInterrupt, printLine, printNote } from "../terminal/stdio.js"
import { describe, help } from "./help.js"

const formats = ["ndjson", "csv"] as const

type Format = typeof formats[number]

const format = Options.choice("format", formats).pipe(
  Options.optional,
  Options.withDescription("Default: csv if --output ends in .csv, otherwise ndjson.")
)

const output = Options.file("output").pipe(
  Options.withAlias("o"),
  Options.optional,
  Options.withDescription("The file to write. Default: standard output.")
)

/**
 * All invitations. Clerk lists revoked invitations only on request. They are listed last, so one revoked during the export is
 * seen twice (and deduplicated) rather than missed.
 */
const allInvitations = Effect.map(InvitationsService, (invitations) => {
  const seen = new Set<InvitationId>()
  return Stream.concat(invitations.stream(), invitations.stream({ status: "revoked" })).pipe(
    Stream.filter(({ id }) => seen.size < seen.add(id).size)
  )
})

const iso = (millis: number | null): string => millis === null ? "" : new Date(millis).toISOString()

const csvRow = (invitation: Invitation, options: RenderOptions): ReadonlyArray<string> => {
  const { created_at, email_address, expires_at, id, public_metadata, status, updated_at, url } = toObject(
    invitation,
    options
  )
  return [
    id,
    email_address,
    status,
    iso(created_at),
    iso(updated_at),
    iso(expires_at),
    JSON.stringify(public_metadata),
    ...(options.showUrl ? [url ?? ""] : [])
  ]
}

// A spreadsheet would run an address such as =HYPERLINK(…)@example.com as a formula. NDJSON is not escaped.
const csv = (rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  stringify(rows.map((row) => row.map(protectApostrophe)), {
    escape_formulas: true,
    eof: false
  })

/**
 * Formats invitations. Each element has the lines of one page.
 */
const lines = <E, R>(
  invitations: Stream.Stream<Invitation, E, R>,
  format: Format,
  options: RenderOptions
): Stream.Stream<string, E, R> => {
  const chunks = invitations.pipe(Stream.chunks, Stream.filter(Chunk.isNonEmpty), Stream.map(Chunk.toReadonlyArray))
  switch (format) {
    case "ndjson":
      return Stream.map(chunks, (chunk) => chunk.map((row) => json(toObject(row, options))).join("\n"))
    case "csv":
      return Stream.concat(
        Stream.make(csv([[...exportHeader, ...(options.showUrl ? ["url"] : [])]])),
        Stream.map(chunks, (chunk) => csv(chunk.map((row) => csvRow(row, options))))
      )
  }
}

/**
 * Writes an export to a file, which never holds a part of it. Only the owner may read the file, since it holds addresses.
 */
const toFile = <E, R>(path: string, lines: Stream.Stream<string, E, R>) =>
  Effect.flatMap(
    SafeFile.resolve(path),
    (file) => SafeFile.write(file, Stream.encodeText(Stream.map(lines, (line) => `${line}\n`)))
  )

export const exportAll = Command.make(
  "export",
  { ...flags.settings, format, json: flags.json, output, showUrl: flags.showUrl },
  (options) =>
    Effect.gen(function*() {
      if (options.json && Option.contains(options.format, "csv")) {
        return yield* exitUsage("--json and --format csv exclude each other. Pass one of them.")
      }
      const format = Option.getOrElse(options.format, () =>
        !options.json && Option.exists(options.output, (path) => path.endsWith(".csv")) ? "csv" : "ndjson")
      let count = 0
      const invitations = Stream.tap(yield* allInvitations, () =>
        Effect.sync(() => count++))
      yield* onInterrupt(() =>
        Option.isNone(options.output)
          ? "Interrupted. The output is incomplete. Run the same command again."
          : "Interrupted. Nothing was written. Run the same command again."
      )
      if (Option.isNone(options.output)) return yield* Stream.runForEach(lines(invitations, format, options), printLine)
      yield* toFile(options.output.value, lines(invitations, format, options))
      yield* printNote(`${count} invitations written to ${options.output.value}`)
    }).pipe(Effect.provide(InvitationsLive), withSettings(options))
).pipe(Command.withDescription(describe(help.export)))
