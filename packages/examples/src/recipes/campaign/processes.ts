// Starts one web process and three workers, and starts a process again that has ended. Run it, beside
// npx -y pnpm@10 emulator, with: npx -y pnpm@10 tsx packages/examples/src/recipes/campaign/processes.ts
// and the environment CLERK_SECRET_KEY=sk_test_local CLERK_API_URL=http://127.0.0.1:4010 DATABASE_URL=file:campaigns.db; then
// start a campaign with: curl -X PUT http://127.0.0.1:3000/campaigns/spring -H 'content-type: application/json'
// -d '{"people":[{"emailAddress":"ada@example.com"}]}', and watch it with: curl http://127.0.0.1:3000/campaigns/spring
import { Command } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Schedule } from "effect"
import { fileURLToPath } from "node:url"

// The same runtime options and the same kind of file as this program, which may be a bundle.
const program = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "./process.ts" : "./process.mjs", import.meta.url)
)

const run = (name: string, env: Record<string, string>) =>
  Effect.scoped(Effect.gen(function*() {
    const child = yield* Command.make(process.execPath, ...process.execArgv, program).pipe(
      Command.env(env),
      Command.stdout("inherit"),
      Command.stderr("inherit"),
      Command.start
    )
    yield* Console.log(`${name}: process ${child.pid}`)
    yield* child.exitCode
  })).pipe(
    Effect.catchAll((error) => Console.error(`${name}: ${error.message}`)),
    Effect.repeat(Schedule.spaced("1 second"))
  )

const all = [
  run("web", { WORK: "false" }),
  ...[1, 2, 3].map((number) => run(`worker ${number}`, { WORK: "true" }))
]

Effect.all(all, { concurrency: "unbounded" }).pipe(Effect.provide(NodeContext.layer), NodeRuntime.runMain)
