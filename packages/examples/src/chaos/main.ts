// npx -y pnpm@10 chaos --operations 20000 --seed 7
import { Command, Options } from "@effect/cli"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Clock, Console, Duration, Effect } from "effect"
import { chaos } from "./run.js"

const operations = Options.integer("operations").pipe(
  Options.withDefault(20_000),
  Options.withDescription("How many operations to run")
)

const seed = Options.integer("seed").pipe(
  Options.withDefault(7),
  Options.withDescription("The seed of all random decisions")
)

const table = (title: string, rows: ReadonlyArray<readonly [name: string, count: number]>) =>
  Console.log([title, ...rows.map(([name, count]) => `  ${String(count).padStart(6)}  ${name}`)].join("\n"))

const command = Command.make("chaos", { operations, seed }, (options) =>
  Effect.gen(function*() {
    yield* Console.log(`seed ${options.seed}, ${options.operations} operations`)
    const start = yield* Clock.currentTimeMillis
    const { faults, heap, outcomes, violations } = yield* chaos(options)
    const took = Duration.millis((yield* Clock.currentTimeMillis) - start)
    yield* table("faults", faults)
    yield* table("outcomes", outcomes)
    yield* Console.log(`heap after each round, MiB: ${heap.join(" ")}`)
    for (const violation of violations.slice(0, 20)) yield* Console.log(`VIOLATION ${violation}`)
    const injected = faults.reduce((sum, [, count]) => sum + count, 0)
    const ambiguous = outcomes.reduce((sum, [name, count]) => name.endsWith("AmbiguousWrite") ? sum + count : sum, 0)
    yield* Console.log(
      `${options.operations} operations with seed ${options.seed} in ${
        Duration.format(Duration.seconds(Math.round(Duration.toSeconds(took))))
      }: ` +
        `${injected} faults injected, ${ambiguous} writes ended ambiguous, ${violations.length} violations.`
    )
    if (violations.length > 0) yield* Effect.fail("violations")
  }))

const run = Command.run(command, { name: "chaos", version: "0.0.0" })

run(process.argv).pipe(
  Effect.provide(NodeContext.layer),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
