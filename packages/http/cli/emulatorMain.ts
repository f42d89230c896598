// Run it with: npx -y pnpm@10 emulator --port 4010
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect } from "effect"
import { emulatorProgram } from "./program.js"
import { toEmulatorExitCode } from "./terminal/exitCode.js"
import { hangUp } from "./terminal/signals.js"
import { StdioLive } from "./terminal/stdio.js"

hangUp()

emulatorProgram(process.argv).pipe(
  Effect.provide([NodeContext.layer, StdioLive]),
  NodeRuntime.runMain({
    disableErrorReporting: true,
    disablePrettyLogger: true,
    // The emulator runs until it is interrupted, so an interruption is a success.
    teardown: (exit, onExit) => onExit(toEmulatorExitCode(exit))
  })
)
