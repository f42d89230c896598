// The program `effect-clerk`. From the sources, run it with: npx -y pnpm@10 invitations --help
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect } from "effect"
import { effectClerkProgram } from "./program.js"
import { toEndlessExitCode, toExitCode } from "./terminal/exitCode.js"
import { hangUp } from "./terminal/signals.js"
import { StdioLive } from "./terminal/stdio.js"

hangUp()

// These run until they are interrupted, so for them an interruption is a success.
const [command, subcommand] = process.argv.slice(2).filter((arg) => arg !== "--")
const isEndless = command === "emulator" ||
  (command === "campaign" && subcommand === "run" && !process.argv.includes("--until-done"))

effectClerkProgram(process.argv).pipe(
  Effect.provide([NodeContext.layer, StdioLive]),
  NodeRuntime.runMain({
    disableErrorReporting: true,
    disablePrettyLogger: true,
    teardown: (exit, onExit) => onExit(isEndless ? toEndlessExitCode(exit) : toExitCode(exit))
  })
)
