import * as NodeStream from "@effect/platform-node/NodeStream"
import * as Platform from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import { Effect, Option, Predicate, type Scope, Stream } from "effect"
import { createReadStream } from "node:fs"
import type { CsvFile } from "../csv/csvRows.js"
import { type CommandFailed, exitUsage, fileReason } from "../terminal/exitCode.js"
import * as OutcomesFile from "./outcomesFile.js"

/**
 * The rows to invite: a file, standard input or a pipe.
 */
export interface Source extends CsvFile {
  /** The file that records the outcomes unless `--outcomes` is set. `None` for standard input and pipes. */
  readonly outcomes: Option.Option<string>
}

const readFailed = (name: string) => (error: unknown) =>
  new Platform.SystemError({
    reason: "Unknown",
    module: "FileSystem",
    method: "stream",
    pathOrDescriptor: name,
    description: Predicate.hasProperty(error, "code") ? String(error.code) : "it cannot be read",
    cause: error
  })

/**
 * Opens the source. The command reads it twice, so standard input (`-`) and pipes are copied to a temporary file, which only the
 * owner may read and which is removed when the scope closes.
 */
export const open = (
  csv: string
): Effect.Effect<Source, CommandFailed | Platform.PlatformError, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const isInput = csv === "-"
    if (!isInput) {
      const { type } = yield* fs.stat(csv)
      // Opening such a path again does not always start at the beginning.
      const isDescriptor = /^\/(?:dev\/stdin|dev\/fd\/|proc\/self\/fd\/)/.test(csv)
      if (type === "File" && !isDescriptor) {
        return { path: csv, name: csv, outcomes: Option.some(OutcomesFile.pathFor(csv)) }
      }
    }
    const name = isInput ? "standard input" : csv
    const path = yield* Effect.mapError(
      fs.makeTempFileScoped({ prefix: "effect-clerk-" }),
      (error) => exitUsage(`${name} needs a copy in the folder for temporary files, which fails: ${fileReason(error)}`)
    )
    const bytes = NodeStream.fromReadable<Platform.PlatformError>(
      () => isInput ? process.stdin : createReadStream(csv),
      readFailed(name)
    )
    yield* Stream.run(bytes, fs.sink(path))
    return { path, name, outcomes: Option.none() }
  })
