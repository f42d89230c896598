import * as ClerkEmulator from "@effect-clerk/http/ClerkEmulator"
import { Command, FileSystem, HttpServer } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { assert } from "@effect/vitest"
import { ConfigProvider, Console, Effect, Layer, Redacted, Stream } from "effect"
import { createServer } from "node:http"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { effectClerkProgram } from "../../cli/program.js"
import { toExitCode } from "../../cli/terminal/exitCode.js"
import { Stdio } from "../../cli/terminal/stdio.js"
import { programs } from "../globalSetup.js"
import * as Programs from "../utils/programs.js"

const program = Programs.make(programs)

/** Starts the bundled command in its own process. */
export const start = (args: ReadonlyArray<string>, env?: Record<string, string>) =>
  program.start("effect-clerk.js", args, env)

/** The emulator on a free port, and the services that a command needs. */
export const emulator = (secretKey?: string) =>
  Layer.provideMerge(
    ClerkEmulator.layer(secretKey === undefined ? {} : { secretKey: Redacted.make(secretKey) }),
    NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })
  )

export const testKey = "sk_test_5ecret0f7his7est"

/** Captures the output of a program that runs in this process. Its streams are no terminals. */
export const captureOutput = Effect.gen(function*() {
  const written = { stdout: "", stderr: "" }
  const append = (stream: keyof typeof written) => (text: string) =>
    Effect.sync(() => {
      written[stream] += text
    })
  const console = yield* Console.consoleWith(Effect.succeed)
  const log = (stream: keyof typeof written) => (...args: ReadonlyArray<unknown>) =>
    append(stream)(`${args.map(String).join(" ")}\n`)
  const layer = Layer.mergeAll(
    Layer.succeed(Stdio, {
      stdinIsTerminal: false,
      ask: () => Effect.dieMessage("asked without a terminal"),
      stdout: { isTerminal: false, write: append("stdout") },
      stderr: { isTerminal: false, write: append("stderr") }
    }),
    Console.setConsole({ ...console, log: log("stdout"), error: log("stderr") })
  )
  return { layer, written }
})

/**
 * Starts `effect-clerk` in its own process against the emulator, in a directory.
 */
export const startIn = (directory: string, args: ReadonlyArray<string>) =>
  HttpServer.addressFormattedWith((apiUrl) =>
    Command.make(process.execPath, join(programs, "effect-clerk.js"), ...args).pipe(
      Command.workingDirectory(directory),
      Command.env({ CLERK_SECRET_KEY: testKey, CLERK_API_URL: apiUrl, NODE_PATH: "" }),
      Command.start
    )
  )

/**
 * Starts `effect-clerk` in its own process against the emulator.
 */
export const startCli = (args: ReadonlyArray<string>, env: Record<string, string> = {}) =>
  HttpServer.addressFormattedWith((apiUrl) => start(args, { CLERK_SECRET_KEY: testKey, CLERK_API_URL: apiUrl, ...env }))

/** The bundled command, as a line of a shell begins with it. */
export const programLine = `"${process.execPath}" "${join(programs, "effect-clerk.js")}"`

/**
 * Runs a line in a shell against the emulator, by default in this directory and with `sh`.
 */
export const shell = (
  line: string,
  { directory = ".", shell = "sh" }: { readonly directory?: string; readonly shell?: "bash" | "sh" } = {}
) =>
  HttpServer.addressFormattedWith((apiUrl) =>
    Effect.scoped(Effect.gen(function*() {
      const child = yield* Command.make(shell, "-c", line).pipe(
        Command.workingDirectory(directory),
        // pnpm lets its programs find every package of the workspace by NODE_PATH.
        Command.env({ CLERK_SECRET_KEY: testKey, CLERK_API_URL: apiUrl, NODE_PATH: "" }),
        Command.start
      )
      return yield* Effect.all({
        code: child.exitCode,
        stdout: Stream.mkString(Stream.decodeText(child.stdout)),
        stderr: Stream.mkString(Stream.decodeText(child.stderr))
      }, { concurrency: "unbounded" })
    }))
  )

// Links a dependency of a driver of Effect into a directory, as if npm had installed it there.
const link = (owner: string, name: string, up: string) => (directory: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const module = createRequire(createRequire(import.meta.url).resolve(`${owner}/package.json`)).resolve(name)
    const target = join(directory, "node_modules", name)
    yield* fs.makeDirectory(dirname(target), { recursive: true })
    yield* fs.symlink(join(module, up), target)
  })

/** Puts `@libsql/client` into a directory. */
export const linkDriver = link("@effect/sql-libsql", "@libsql/client", "../..")

/** Puts `pg` into a directory. */
export const linkPostgres = link("@effect/sql-pg", "pg", "../..")

/** Runs an effect with the paths of files in a new directory, which is removed when the scope closes. */
export const inDirectory = <A, E, R>(
  body: (path: (name: string) => string, fs: FileSystem.FileSystem) => Effect.Effect<A, E, R>
) =>
  Effect.flatMap(
    FileSystem.FileSystem,
    (fs) => Effect.flatMap(fs.makeTempDirectoryScoped(), (directory) => body((name) => join(directory, name), fs))
  )

/**
 * Runs `effect-clerk` in this process against the emulator, and checks that it prints neither the key nor, without
 * `--show-url`, an accept link.
 */
export const cli = (args: ReadonlyArray<string>, env: Record<string, string> = {}) =>
  Effect.gen(function*() {
    const { layer, written } = yield* captureOutput
    const settings = {
      CLERK_SECRET_KEY: testKey,
      CLERK_API_URL: yield* HttpServer.addressFormattedWith(Effect.succeed),
      ...env
    }
    const exit = yield* Effect.exit(
      effectClerkProgram(["node", "effect-clerk", ...args]).pipe(
        Effect.provide(layer),
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(settings))))
      )
    )
    const { stderr, stdout } = written
    if (settings.CLERK_SECRET_KEY !== "") assert.notInclude(stdout + stderr, settings.CLERK_SECRET_KEY)
    if (!args.includes("--show-url")) assert.notInclude(stdout + stderr, "ticket=")
    return { code: toExitCode(exit), stdout, stderr }
  })

/**
 * Parses a text that has one JSON object a line.
 */
export const objects = (text: string): ReadonlyArray<unknown> =>
  text.split("\n").filter((line) => line !== "").map((line): unknown => JSON.parse(line))
