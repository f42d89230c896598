// npx -y pnpm@10 chaos:campaign:faults --fault kill --repeat 10
import { Command, Options } from "@effect/cli"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Console, Duration, Effect, Option } from "effect"
import * as Faults from "./faults.js"
import * as Old from "./old.js"
import * as Postgres from "./postgres.js"
import { run } from "./run.js"
import { table } from "./table.js"

const fault = Options.choice("fault", Faults.names).pipe(
  Options.repeated,
  Options.withDescription("The faults, one after another. By default all of them, old only with --old")
)

const repeat = Options.integer("repeat").pipe(
  Options.withDefault(3),
  Options.withDescription("How often a fault hits the campaigns")
)

const people = Options.integer("people").pipe(
  Options.optional,
  Options.withDescription(
    "How many people the campaign has that the fault hits. By default 400, and 250 for each repetition"
  )
)

const seconds = Options.integer("seconds").pipe(
  Options.optional,
  Options.withDescription("How long an outage lasts (by default 8 s) or the owner is stopped (by default 40 s)")
)

const seed = Options.integer("seed").pipe(
  Options.withDefault(7),
  Options.withDescription("The seed of all random decisions")
)

const processes = Options.integer("processes").pipe(
  Options.withDefault(3),
  Options.withDescription("How many processes work on the campaigns")
)

const short = Options.boolean("short").pipe(
  Options.withDescription("A lease of 4 seconds instead of 30, and other durations in proportion")
)

const old = Options.text("old").pipe(
  Options.optional,
  Options.withDescription("A git revision with an older version of the settings, for the fault old")
)

const command = Command.make(
  "chaos:campaign:faults",
  { fault, repeat, people, seconds, seed, processes, short, old },
  (options) =>
    Effect.gen(function*() {
      const server = yield* Postgres.make
      const program = yield* Effect.transposeOption(Option.map(options.old, Old.program))
      const names = options.fault.length > 0
        ? options.fault
        : Faults.names.filter((name) => name !== "old" || Option.isSome(program))
      const rows = yield* Effect.forEach(names, (name) =>
        run(name, server, {
          people: Option.getOrElse(options.people, () => 400 + 250 * options.repeat),
          processes: options.processes,
          lasts: Option.map(options.seconds, Duration.seconds),
          old: program,
          seed: options.seed,
          repeat: options.repeat,
          isShort: options.short
        }))
      const violations = rows.flatMap(({ title, violations }) => violations.map((text) => `${title}: ${text}`))
      for (const violation of violations.slice(0, 20)) yield* Console.log(`VIOLATION ${violation}`)
      yield* Console.log(table(rows))
      if (violations.length > 0) yield* Effect.fail("violations")
    }).pipe(Effect.scoped)
)

Command.run(command, { name: "chaos:campaign:faults", version: "0.0.0" })(process.argv).pipe(
  Effect.tapErrorTag("NoPostgres", ({ message }) => Console.error(message)),
  Effect.provide(NodeContext.layer),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
