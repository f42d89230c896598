import { EmailAddress } from "@effect-clerk/core"
import { FileSystem } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import { DateTime, Effect, Redacted, Schema, Stream } from "effect"
import { createHash } from "node:crypto"
import { exitUsage } from "./exitCode.js"
import { json } from "./output.js"
import { apiUrl, secretKey } from "./service.js"

/**
 * The first line of the file: what it is, and whose outcomes these are, so that those of a test instance never keep people of
 * the live one from being invited.
 */
const Head = Schema.Struct({
  format: Schema.Literal("effect-clerk/outcomes/1"),
  instance: Schema.String,
  started_at: Schema.DateTimeUtc
})

/**
 * Every other line: what became of somebody. It holds no accept link.
 */
export const Entry = Schema.Struct({
  line: Schema.Int,
  email_address: Schema.String,
  outcome: Schema.Literal("Created", "AlreadyInvited", "UserExists", "Rejected", "Unknown"),
  id: Schema.optional(Schema.String),
  reason: Schema.optional(Schema.String),
  at: Schema.DateTimeUtc
})

export type Entry = typeof Entry.Type

const decodeHead = Schema.decode(Schema.parseJson(Head))
const encodeHead = Schema.encodeSync(Head)
const decodeEntry = Schema.decode(Schema.parseJson(Entry))
const encodeEntry = Schema.encodeSync(Entry)

/**
 * Where the outcomes for a CSV file are kept unless it is said.
 */
export const pathFor = (csv: string): string => `${csv.replace(/\.csv$/i, "")}.outcomes.ndjson`

/**
 * Tells instances apart without telling the key.
 */
const fingerprint = Effect.map(
  Effect.all([apiUrl, secretKey]),
  ([url, key]) =>
    createHash("sha256").update(`${url.replace(/\/+$/, "")}\n${Redacted.value(key)}`).digest("hex").slice(0, 16)
)

/**
 * What is known from the runs before.
 */
export interface PreviousRun {
  /** When the first of them began; none if there was none. */
  readonly startedAt: DateTime.Utc | undefined
  /** The last word on each address. */
  readonly entries: ReadonlyMap<string, Entry>
}

const nothing: PreviousRun = { startedAt: undefined, entries: new Map() }

/**
 * The last word on an address, whatever its case.
 */
export const entryOf = (past: PreviousRun, emailAddress: string): Entry | undefined =>
  past.entries.get(EmailAddress.fold(emailAddress))

/**
 * Whether somebody is done with. What was rejected did not happen, and whoever runs the command again may have mended why; what is
 * unknown has to be looked at.
 */
export const isDone = (entry: Entry | undefined): boolean =>
  entry !== undefined && entry.outcome !== "Rejected" && entry.outcome !== "Unknown"

const newline = 10

// What follows the last whole line was being written when the process ended.
const wholeLines = (path: string) =>
  Effect.flatMap(
    FileSystem.FileSystem,
    (fs) =>
      Stream.runFold(fs.stream(path), { size: 0, whole: 0 }, ({ size, whole }, bytes) => {
        const last = bytes.lastIndexOf(newline)
        return { size: size + bytes.length, whole: last < 0 ? whole : size + last + 1 }
      })
  )

const foreign = (path: string, line: number) =>
  exitUsage(
    `${path}, line ${line}: this is no outcome. Mend the file, or name another with --outcomes. Nothing was sent.`
  )

/**
 * Reads the outcomes of the runs before, if there are any. A torn last line counts as never written: whoever it was about is
 * sent again, and then found to be invited already.
 */
export const read = (path: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    if (!(yield* fs.exists(path))) return nothing
    const { whole } = yield* wholeLines(path)
    const lines = fs.stream(path, { bytesToRead: whole }).pipe(Stream.decodeText(), Stream.splitLines)
    const entries = new Map<string, Entry>()
    let startedAt: DateTime.Utc | undefined
    yield* Stream.runForEach(Stream.zipWithIndex(lines), ([line, index]) =>
      Effect.gen(function*() {
        if (index > 0) {
          const entry = yield* decodeEntry(line)
          return void entries.set(EmailAddress.fold(entry.email_address), entry)
        }
        const { instance, started_at } = yield* decodeHead(line)
        if (instance !== (yield* fingerprint)) {
          return yield* exitUsage(
            `${path} was written for another instance, or with another key. Name another file with --outcomes. Nothing was sent.`
          )
        }
        startedAt = started_at
      }).pipe(Effect.catchTag("ParseError", () => foreign(path, index + 1))))
    return startedAt === undefined ? yield* foreign(path, 1) : { startedAt, entries }
  })

/**
 * Where outcomes are written as they come. A line is handed to the operating system before anything else happens, so that the
 * end of the process, however sudden, tears the last one at most. It is on the disk when the run ends; after a power cut the last ones
 * may be missing, and those people are then found to be invited already.
 */
export interface OutcomesFile {
  readonly append: (entry: Omit<Entry, "at">) => Effect.Effect<void, PlatformError>
}

/**
 * Opens the file that has been read, without the line that was torn, or begins a new one. Only its owner may read it.
 */
export const open = (path: string, past: PreviousRun) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    if (past.startedAt === undefined) {
      // In one piece, so that a file without a head is somebody else's.
      const head = {
        format: "effect-clerk/outcomes/1",
        instance: yield* fingerprint,
        started_at: yield* DateTime.now
      } as const
      yield* fs.writeFileString(`${path}.new`, `${json(encodeHead(head))}\n`, { mode: 0o600 })
      yield* fs.rename(`${path}.new`, path)
    } else {
      const { size, whole } = yield* wholeLines(path)
      if (size > whole) yield* fs.truncate(path, whole)
    }
    const file = yield* fs.open(path, { flag: "a" })
    yield* Effect.addFinalizer(() => Effect.ignore(file.sync))
    const encoder = new TextEncoder()
    const journal: OutcomesFile = {
      append: (entry) =>
        Effect.flatMap(DateTime.now, (at) => file.writeAll(encoder.encode(`${json(encodeEntry({ ...entry, at }))}\n`)))
          .pipe(Effect.uninterruptible)
    }
    return journal
  })
