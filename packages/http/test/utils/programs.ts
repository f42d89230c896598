import { Command } from "@effect/platform"
import { Effect, Fiber, Stream } from "effect"
import { build } from "esbuild"
import { join } from "node:path"

const text = <E, R>(bytes: Stream.Stream<Uint8Array, E, R>) => bytes.pipe(Stream.decodeText(), Stream.mkString)

/**
 * Bundles each entry point (a path below `source`) into one file below `directory`. A bundle starts several times faster than a
 * thousand modules.
 */
export const bundle = async (source: string, directory: string, entryPoints: ReadonlyArray<string>): Promise<void> => {
  await build({
    entryPoints: entryPoints.map((file) => join(source, file)),
    outbase: source,
    outdir: directory,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    // The first has native code; the second is optional.
    external: ["@libsql/client", "pg-native"],
    // Some dependencies are CommonJS and call require for Node's own modules.
    banner: {
      js:
        "import { createRequire as $createRequire } from \"node:module\"; const require = $createRequire(import.meta.url);"
    },
    logLevel: "error"
  })
}

/**
 * Starts and runs the bundled programs of a directory, each in its own process. `file` is the path of the source.
 */
export const make = (directory: string) => {
  /** Starts a program. The program is killed when the scope closes. */
  const start = (file: string, args: ReadonlyArray<string> = [], env: Record<string, string> = {}) =>
    Effect.gen(function*() {
      const child = yield* Command.make(process.execPath, join(directory, file.replace(/ts$/, "mjs")), ...args).pipe(
        Command.env(env),
        Command.start
      )
      const stdout = yield* Stream.share(Stream.decodeText(child.stdout), { capacity: "unbounded", replay: 1000 })
      const all = yield* Effect.fork(Stream.mkString(stdout))
      const stderr = yield* Effect.fork(text(child.stderr))
      return {
        kill: child.kill,
        lines: Stream.splitLines(stdout),
        firstLine: stdout.pipe(Stream.splitLines, Stream.runHead, Effect.flatten),
        // `Fiber.join` would give the caller the FiberRefs of the ended stream, among them a closed scope.
        end: Effect.all({
          code: child.exitCode,
          stdout: Effect.flatten(Fiber.await(all)),
          stderr: Effect.flatten(Fiber.await(stderr))
        })
      }
    })

  /** Runs a program until it exits. */
  const run = (file: string, args?: ReadonlyArray<string>, env?: Record<string, string>) =>
    Effect.scoped(Effect.flatMap(start(file, args, env), ({ end }) => end))

  return { start, run }
}
