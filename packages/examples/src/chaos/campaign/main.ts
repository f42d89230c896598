// npx -y pnpm@10 chaos:campaign --people 2000 --kills 20 --seed 7
import { Command, Options } from "@effect/cli"
import { FileSystem } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Console, Duration, Effect, Option } from "effect"
import { chaos } from "./run.js"

const people = Options.integer("people").pipe(
  Options.withDefault(2000),
  Options.withDescription("How many people to invite")
)

const kills = Options.integer("kills").pipe(
  Options.withDefault(20),
  Options.withDescription("How often to kill a process with SIGKILL")
)

const seed = Options.integer("seed").pipe(
  Options.withDefault(7),
  Options.withDescription("The seed of all random decisions")
)

const processes = Options.integer("processes").pipe(
  Options.withDefault(1),
  Options.withDescription("How many processes work on the campaign at a time")
)

const database = Options.text("database").pipe(
  Options.optional,
  Options.withDescription("An empty database: file:… or postgres://…. By default a new SQLite file")
)

const faults = Options.float("faults").pipe(
  Options.withDefault(0),
  Options.withDescription("The probability that the emulator answers a call with a fault, from 0 to 1")
)

const allowDuplicates = Options.boolean("allow-duplicates").pipe(
  Options.withDescription("Invite with ignoreExisting, so that Clerk refuses no second invitation")
)

const newFile = Effect.gen(function*() {
  const fileSystem = yield* FileSystem.FileSystem
  return `file:${yield* fileSystem.makeTempDirectoryScoped({ prefix: "chaos-campaign-" })}/campaigns.db`
})

const command = Command.make(
  "chaos:campaign",
  { people, kills, seed, processes, database, faults, allowDuplicates },
  (options) =>
    Effect.gen(function*() {
      yield* Console.log(`seed ${options.seed}, ${options.people} people, ${options.kills} kills`)
      const url = Option.isSome(options.database) ? options.database.value : yield* newFile
      const { created, faults, kills, took, violations } = yield* chaos({ ...options, database: url })
      for (const violation of violations.slice(0, 20)) yield* Console.log(`VIOLATION ${violation}`)
      yield* Console.log(
        `${options.people} people with seed ${options.seed} in ${
          Duration.format(Duration.seconds(Math.round(Duration.toSeconds(took))))
        }: ${options.processes} processes, ${kills} kills, ${faults} faults, ${created} invitations, ` +
          `${violations.length} violations.`
      )
      if (violations.length > 0) yield* Effect.fail("violations")
    }).pipe(Effect.scoped)
)

const run = Command.run(command, { name: "chaos:campaign", version: "0.0.0" })

run(process.argv).pipe(
  Effect.provide(NodeContext.layer),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
