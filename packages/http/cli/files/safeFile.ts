import * as Platform from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import { Effect, Option, Predicate, Random, Stream } from "effect"

const maxLinks = 40

/**
 * The path that a file has behind its symbolic links. The last link may point to a file that does not exist yet.
 */
export const resolve = (
  file: string,
  links = maxLinks
): Effect.Effect<string, Platform.PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const target = yield* Effect.option(fs.readLink(file))
    if (Option.isNone(target) || links === 0) return file
    return yield* resolve(path.resolve(path.dirname(file), target.value), links - 1)
  })

/**
 * Fails if the file cannot be written. Creates an empty file if it does not exist.
 */
export const probe = (file: string): Effect.Effect<void, Platform.PlatformError, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => Effect.scoped(fs.open(file, { flag: "a", mode: 0o600 })))

// A file that is mounted by itself into a container cannot be replaced (EBUSY, EXDEV), and its folder may be read-only.
const cannotReplace = (error: Platform.PlatformError): boolean =>
  error._tag === "SystemError" &&
  Predicate.hasProperty(error.cause, "code") &&
  ["EBUSY", "EXDEV", "EPERM", "EACCES", "EROFS"].includes(String(error.cause.code))

const writeTo = <E, R>(
  file: string,
  flag: FileSystem.OpenFlag,
  bytes: Stream.Stream<Uint8Array, E, R>
): Effect.Effect<void, E | Platform.PlatformError, FileSystem.FileSystem | R> =>
  Effect.scoped(
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const target = yield* fs.open(file, { flag, mode: 0o600 })
      let size = 0
      yield* Stream.runForEach(bytes, (chunk) => {
        size += chunk.length
        return target.writeAll(chunk)
      })
      // In place, a longer old content is cut off last.
      yield* target.truncate(size)
      yield* target.sync
    })
  )

/**
 * Makes an error name this file instead of one that the user does not know, such as a lock or a temporary file.
 */
export const of = (file: string) => (error: Platform.PlatformError): Platform.PlatformError =>
  error._tag === "SystemError" ? new Platform.SystemError({ ...error, pathOrDescriptor: file }) : error

/**
 * Writes a file so that it holds either its old content or all of the new: writes a temporary file next to it, and renames that.
 * If the file cannot be replaced, copies the complete temporary file into it; if no temporary file can be created, writes
 * into it. Only the owner may read a new file.
 */
export const write = <E, R>(file: string, bytes: Stream.Stream<Uint8Array, E, R>) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const id = yield* Random.nextIntBetween(0, 2 ** 31)
    const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${id.toString(36)}.tmp`)
    const exists = yield* fs.exists(file)
    const canCreate = yield* fs.open(temporary, { flag: "wx", mode: 0o600 }).pipe(
      Effect.scoped,
      Effect.as(true),
      Effect.catchIf((error) => exists && cannotReplace(error), () => Effect.succeed(false)),
      Effect.mapError(of(file))
    )
    if (!canCreate) return yield* writeTo(file, "r+", bytes)
    const replace = Effect.catchIf(fs.rename(temporary, file), cannotReplace, () =>
      writeTo(file, "r+", fs.stream(temporary)))
    yield* Effect.ensuring(
      Effect.zipRight(writeTo(temporary, "r+", bytes), replace),
      Effect.ignore(fs.remove(temporary, { force: true }))
    )
  })
