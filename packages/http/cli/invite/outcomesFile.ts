import { EmailAddress } from "@effect-clerk/core"
import * as FileSystem from "@effect/platform/FileSystem"
import { DateTime, Effect, Option, Redacted, Schema, Stream } from "effect"
import { createHash } from "node:crypto"
import * as SafeFile from "../files/safeFile.js"
import { apiUrl, secretKey } from "../settings/service.js"
import { type CommandFailed, exitUsage, fileReason } from "../terminal/exitCode.js"
import { json } from "../terminal/render.js"

/**
 * The first line of the file. `instance` keeps the outcomes of a test instance from being applied to the live instance.
 */
const Header = Schema.Struct({
  format: Schema.Literal("effect-clerk/outcomes/1"),
  instance: Schema.String,
  started_at: Schema.DateTimeUtc
})

/**
 * Every other line: the outcome of one address. It holds no accept link.
 */
export const Entry = Schema.Struct({
  line: Schema.Int,
  email_address: Schema.String,
  outcome: Schema.Literal("Created", "AlreadyInvited", "UserExists", "Rejected", "Unknown"),
  id: Schema.optional(Schema.String),
  /** When the invitation expires, if that is known. */
  expires_at: Schema.optional(Schema.DateTimeUtc),
  /** Of an unknown outcome: when the run that sent the request began. */
  since: Schema.optional(Schema.DateTimeUtc),
  /** Of an unknown outcome: the ids of the invitations that were revoked to make room for the new one. */
  replaced: Schema.optional(Schema.Array(Schema.String)),
  reason: Schema.optional(Schema.String),
  at: Schema.DateTimeUtc
})

export type Entry = typeof Entry.Type

const decodeHeader = Schema.decode(Schema.parseJson(Header))
const encodeHeader = Schema.encodeSync(Header)
const decodeEntry = Schema.decode(Schema.parseJson(Entry))
const encodeEntry = Schema.encodeSync(Entry)

/**
 * The default path: `people.outcomes.ndjson` for `people.csv`.
 */
export const pathFor = (csv: string): string => `${csv.replace(/\.csv$/i, "")}.outcomes.ndjson`

/**
 * Identifies the instance without revealing the key.
 */
export const instance = Effect.map(
  Effect.all([apiUrl, secretKey]),
  ([url, key]) =>
    createHash("sha256").update(`${url.replace(/\/+$/, "")}\n${Redacted.value(key)}`).digest("hex").slice(0, 16)
)

/**
 * The outcomes of all previous runs.
 */
export interface PreviousRun {
  /** When the first run began; `undefined` if this is the first run. */
  readonly startedAt: DateTime.Utc | undefined
  /** The last entry of each address. The keys are folded addresses. */
  readonly entries: ReadonlyMap<string, Entry>
  /** The ids in all entries of each address. The keys are folded addresses. */
  readonly ids: ReadonlyMap<string, ReadonlySet<string>>
}

/**
 * No run came before.
 */
export const noPreviousRun: PreviousRun = { startedAt: undefined, entries: new Map(), ids: new Map() }

/**
 * The last entry of an address, in any case.
 */
export const entryOf = (previous: PreviousRun, emailAddress: string): Entry | undefined =>
  previous.entries.get(EmailAddress.fold(emailAddress))

const newline = 10

// The size of the file, and the size up to the end of its last complete line, in bytes.
const sizes = (path: string) =>
  Effect.flatMap(
    FileSystem.FileSystem,
    (fs) =>
      Stream.runFold(fs.stream(path), { size: 0, complete: 0 }, ({ complete, size }, bytes) => {
        const last = bytes.lastIndexOf(newline)
        return { size: size + bytes.length, complete: last < 0 ? complete : size + last + 1 }
      })
  )

const invalidLine = (path: string, line: number) =>
  exitUsage(
    `${path}, line ${line}: not a valid outcome. Fix the file or choose another with --outcomes. Nothing was sent.`
  )

/**
 * Reads the outcomes of previous runs. Without a file, or with an empty one, no run came before. Ignores an incomplete last line:
 * its address is sent again, and the service then reports it as already invited. Fails if the file belongs to another instance;
 * `None` skips this check.
 */
export const read = (path: string, instance: Option.Option<string>) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    if (!(yield* fs.exists(path))) return noPreviousRun
    const { complete, size } = yield* sizes(path)
    if (size === 0) return noPreviousRun
    const lines = fs.stream(path, { bytesToRead: complete }).pipe(Stream.decodeText(), Stream.splitLines)
    const entries = new Map<string, Entry>()
    const ids = new Map<string, Set<string>>()
    let startedAt: DateTime.Utc | undefined
    yield* Stream.runForEach(Stream.zipWithIndex(lines), ([line, index]) =>
      Effect.gen(function*() {
        if (index > 0) {
          const entry = yield* decodeEntry(line)
          const address = EmailAddress.fold(entry.email_address)
          if (entry.id !== undefined) ids.set(address, new Set([...ids.get(address) ?? [], entry.id]))
          return void entries.set(address, entry)
        }
        const header = yield* decodeHeader(line)
        if (Option.exists(instance, (instance) => instance !== header.instance)) {
          return yield* exitUsage(
            `${path} was written for another instance or with another key. Choose another file with --outcomes. Nothing was sent.`
          )
        }
        startedAt = header.started_at
      }).pipe(Effect.catchTag("ParseError", () => invalidLine(path, index + 1))))
    return startedAt === undefined ? yield* invalidLine(path, 1) : { startedAt, entries, ids }
  })

/**
 * The file that outcomes are appended to. `append` hands the line to the operating system before it returns, so a kill loses
 * the last line at most. The file is synced to the disk when the scope closes. A power failure may lose the last lines; a
 * further run then reports those addresses as already invited.
 */
export interface OutcomesFile {
  readonly append: (entry: Omit<Entry, "at">) => Effect.Effect<void, CommandFailed>
}

/**
 * Opens the outcomes file for appending, truncating an incomplete last line, or creates it (mode 0600).
 */
export const open = (path: string, previous: PreviousRun) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    if (previous.startedAt === undefined) {
      const header = {
        format: "effect-clerk/outcomes/1",
        instance: yield* instance,
        started_at: yield* DateTime.now
      } as const
      // The header appears at once, so `read` can refuse every file without one.
      yield* SafeFile.write(path, Stream.make(new TextEncoder().encode(`${json(encodeHeader(header))}\n`)))
    } else {
      const { complete, size } = yield* sizes(path)
      if (size > complete) yield* fs.truncate(path, complete)
    }
    const file = yield* fs.open(path, { flag: "a" })
    yield* Effect.addFinalizer(() => Effect.ignore(file.sync))
    const encoder = new TextEncoder()
    const outcomesFile: OutcomesFile = {
      append: (entry) =>
        Effect.flatMap(DateTime.now, (at) => file.writeAll(encoder.encode(`${json(encodeEntry({ ...entry, at }))}\n`)))
          .pipe(
            Effect.mapError((error) => exitUsage(`${path} cannot be written: ${fileReason(error)}`)),
            Effect.uninterruptible
          )
    }
    return outcomesFile
  })
