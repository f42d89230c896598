// The program `effect-clerk`. From the sources, run it with: npx -y pnpm@10 invitations --help
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect } from "effect"
import { effectClerkProgram } from "./program.js"
import { toEmulatorExitCode, toExitCode } from "./terminal/exitCode.js"
import { hangUp } from "./terminal/signals.js"
import { StdioLive } from "./terminal/stdio.js"

hangUp()

// The emulator runs until it is interrupted, so for it an interruption is a success.
const isEmulator = process.argv.slice(2).find((arg) => arg !== "--") === "emulator"

effectClerkProgram(process.argv).pipe(
  Effect.provide([NodeContext.layer, StdioLive]),
  NodeRuntime.runMain({
    disableErrorReporting: true,
    disablePrettyLogger: true,
    teardown: (exit, onExit) => onExit(isEmulator ? toEmulatorExitCode(exit) : toExitCode(exit))
  })
)
