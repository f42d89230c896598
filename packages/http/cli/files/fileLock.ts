import type * as Platform from "@effect/platform/Error"
import { isPlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import { Clock, Data, Effect, Either, Option, Schema, type Scope } from "effect"
import { hostname } from "node:os"
import * as SafeFile from "./safeFile.js"

/**
 * Another process writes the file.
 */
export class FileInUse extends Data.TaggedError("FileInUse")<{
  readonly file: string
  readonly lock: string
  readonly pid: number
  readonly host: string
}> {
  override get message(): string {
    return this.host === hostname()
      ? `${this.file} is in use by process ${this.pid}. End that process, or choose another file.`
      : `${this.file} is in use by process ${this.pid} on ${this.host}. If that process has ended, remove ${this.lock}.`
  }
}

/**
 * The lock of a process that has ended cannot be removed.
 */
export class LockStuck extends Data.TaggedError("LockStuck")<{
  readonly file: string
  readonly lock: string
}> {
  override get message(): string {
    return `${this.file} cannot be locked. Remove ${this.lock}, or choose another file.`
  }
}

const isNotFound = (error: Platform.PlatformError): boolean =>
  error._tag === "SystemError" && error.reason === "NotFound"

// Each take-over can meet another process that takes the same lock over.
const maxTakeOvers = 3

const Owner = Schema.parseJson(Schema.Struct({
  pid: Schema.Int,
  host: Schema.String,
  /** When the process started, in the units of the operating system. Tells apart two processes with one id. */
  startedAt: Schema.optional(Schema.String),
  lockedAt: Schema.Number
}))

type Owner = typeof Owner.Type

// On Linux only. Elsewhere the process id has to suffice.
const startOf = (pid: number): Effect.Effect<Option.Option<string>, never, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) =>
    Effect.map(
      Effect.option(fs.readFileString(`/proc/${pid}/stat`)),
      // The name of the program, in parentheses, may contain spaces.
      Option.flatMapNullable((stat) => stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19])
    ))

const exists = (pid: number): boolean =>
  Either.match(Either.try({ try: () => process.kill(pid, 0), catch: (error) => error }), {
    onRight: () => true,
    // The process belongs to another user.
    onLeft: (error) => error instanceof Error && "code" in error && error.code === "EPERM"
  })

const isAlive = ({ host, pid, startedAt }: Owner): Effect.Effect<boolean, never, FileSystem.FileSystem> =>
  host !== hostname()
    ? Effect.succeed(true)
    : pid === process.pid || !exists(pid)
    ? Effect.succeed(false)
    : Effect.map(
      startOf(pid),
      (start) =>
        startedAt === undefined || Option.match(start, { onNone: () => true, onSome: (now) => now === startedAt })
    )

/**
 * Makes this process the only writer of a file until the scope closes, by a file `FILE.lock` next to it. Fails with `FileInUse`
 * if another process is, and with `LockStuck` if the lock is left over and cannot be removed; takes over the lock of a process that has ended. If the folder cannot be written, there is no lock.
 */
export const acquire = (
  file: string
): Effect.Effect<void, FileInUse | LockStuck | Platform.PlatformError, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const lock = `${file}.lock`
    const own = yield* Effect.orDie(
      Schema.encode(Owner)({
        pid: process.pid,
        host: hostname(),
        startedAt: Option.getOrUndefined(yield* startOf(process.pid)),
        lockedAt: yield* Clock.currentTimeMillis
      })
    )

    const create = fs.writeFileString(lock, own, { flag: "wx", mode: 0o600 }).pipe(
      Effect.as(true),
      Effect.catchIf(
        (error) => error._tag === "SystemError" && error.reason === "AlreadyExists",
        () => Effect.succeed(false)
      )
    )

    // Of two processes that take over one lock, the rename of one fails.
    const takeOver = (text: string) => {
      const stale = `${lock}.${process.pid}`
      return Effect.gen(function*() {
        yield* fs.rename(lock, stale)
        if ((yield* fs.readFileString(stale)) === text) yield* fs.remove(stale)
        else yield* fs.rename(stale, lock)
      }).pipe(Effect.ignore)
    }

    const tryToAcquire = (attempts: number): Effect.Effect<void, FileInUse | LockStuck | Platform.PlatformError> =>
      Effect.gen(function*() {
        if (yield* create) return
        if (attempts === 0) return yield* new LockStuck({ file, lock })
        const text = yield* fs.readFileString(lock).pipe(
          // Its process has removed it meanwhile.
          Effect.catchIf(isNotFound, () => Effect.succeed("")),
          Effect.mapError(() => new LockStuck({ file, lock }))
        )
        const owner = yield* Effect.option(Schema.decode(Owner)(text))
        if (Option.isSome(owner) && (yield* isAlive(owner.value))) {
          return yield* new FileInUse({ file, lock, pid: owner.value.pid, host: owner.value.host })
        }
        yield* takeOver(text)
        yield* tryToAcquire(attempts - 1)
      }).pipe(Effect.provideService(FileSystem.FileSystem, fs))

    const acquired = Effect.mapError(
      tryToAcquire(maxTakeOvers),
      (error) => isPlatformError(error) ? SafeFile.of(file)(error) : error
    )

    const release = Effect.ignore(
      Effect.flatMap(fs.readFileString(lock), (text) => text === own ? fs.remove(lock) : Effect.void)
    )
    yield* Effect.acquireRelease(
      Effect.catchIf(
        Effect.as(acquired, true),
        (error) => error._tag === "SystemError" && error.reason === "PermissionDenied",
        () => Effect.succeed(false)
      ),
      (isLocked) => isLocked ? release : Effect.void
    )
  })
