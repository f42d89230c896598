// Run it with: npx -y pnpm@10 emulator --port 4010
import { Command } from "@effect/cli"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Logger } from "effect"
import { emulator } from "./emulator.js"

const cli = Command.run(emulator, { name: "Clerk invitations emulator", version: "0.0.0", executable: "emulator" })

// Some package managers pass the `--` on that ends their own options.
const args = process.argv.filter((arg, index) => index !== 2 || arg !== "--")

// Standard output is for the line that says where it listens. An interruption is how it ends, so that is a success.
cli(args).pipe(
  Effect.tapErrorTag("CommandFailed", (error) => Console.error(error.message)),
  Effect.tapDefect((defect) => Effect.logFatal(defect)),
  Effect.provide(NodeContext.layer),
  Effect.provide(Logger.replace(Logger.defaultLogger, Logger.prettyLogger({ stderr: true }))),
  NodeRuntime.runMain({ disableErrorReporting: true, disablePrettyLogger: true })
)
