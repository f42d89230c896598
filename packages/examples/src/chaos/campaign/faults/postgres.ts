/**
 * A Postgres server of a run's own, which the run may stop.
 */
import { Command, FileSystem } from "@effect/platform"
import type { CommandExecutor } from "@effect/platform"
import { Effect, Option, Schema } from "effect"
import { createServer } from "node:net"
import { join } from "node:path"

export interface Server {
  /** The URL of an empty database. */
  readonly url: string
  /** Ends the server at once, as a crash does: connections break, and the next start recovers. */
  readonly crash: Effect.Effect<void>
  /** Starts the server again, and waits until it accepts connections. */
  readonly start: Effect.Effect<void>
}

/**
 * No Postgres is installed, or its server does not start.
 */
export class NoPostgres extends Schema.TaggedError<NoPostgres>("NoPostgres")("NoPostgres", {
  message: Schema.String
}) {}

const installations = "/usr/lib/postgresql"

const binaries = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem
  const versions = yield* Effect.orElseSucceed(files.readDirectory(installations), () => [])
  const found = yield* Effect.filter(
    versions.map((version) => join(installations, version, "bin")),
    (folder) => Effect.orElseSucceed(files.exists(join(folder, "initdb")), () => false)
  )
  return Option.fromNullable(found.at(-1))
})

const freePort = Effect.async<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() => resume(Effect.succeed(address !== null && typeof address === "object" ? address.port : 0)))
  })
})

const isRoot = process.getuid?.() === 0

// The server refuses to run as root.
const asPostgres = (command: string): Effect.Effect<number, NoPostgres, CommandExecutor.CommandExecutor> =>
  Command.exitCode(isRoot ? Command.make("su", "postgres", "-c", command) : Command.make("sh", "-c", command)).pipe(
    Effect.mapError((cause) => new NoPostgres({ message: String(cause) }))
  )

const run = (command: string) =>
  Effect.flatMap(
    asPostgres(command),
    (code) => code === 0 ? Effect.void : new NoPostgres({ message: `exit code ${code}: ${command}` })
  )

/**
 * Starts a server in a temporary directory. It is stopped and removed when the scope closes.
 */
export const make = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem
  const folder = yield* Effect.flatMap(
    binaries,
    Option.match({
      onNone: () =>
        new NoPostgres({ message: `there is no initdb in ${installations}/*/bin: install the package postgresql` }),
      onSome: Effect.succeed
    })
  )
  const directory = yield* files.makeTempDirectoryScoped({ prefix: "chaos-postgres-" })
  if (isRoot) yield* run(`true`).pipe(Effect.zipRight(own(directory)))
  const port = yield* freePort
  const data = join(directory, "data")
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${directory}`
  const context = yield* Effect.context<CommandExecutor.CommandExecutor>()
  const pgCtl = (command: string) =>
    Effect.provide(run(`${join(folder, "pg_ctl")} -D ${data} ${command} >/dev/null 2>&1`), context)
  const start = pgCtl(`-w -l ${join(directory, "log")} -o '${options}' start`)
  const crash = pgCtl("-m immediate stop")
  yield* run(`${join(folder, "initdb")} -D ${data} -A trust -U postgres --no-sync >/dev/null 2>&1`)
  yield* Effect.acquireRelease(start, () => Effect.ignore(crash))
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    crash: Effect.orDie(crash),
    start: Effect.orDie(start)
  } satisfies Server
})

const own = (directory: string) =>
  Effect.flatMap(
    Command.exitCode(Command.make("chown", "postgres", directory)),
    (code) => code === 0 ? Effect.void : new NoPostgres({ message: `the user postgres cannot have ${directory}` })
  )
