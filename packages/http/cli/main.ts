// Run it with: npx -y pnpm@10 invitations --help
import { Command } from "@effect/cli"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Cause, Effect, Exit } from "effect"
import { create } from "./create.js"
import { remove } from "./delete.js"
import { emulator } from "./emulator.js"
import { codeOf, exitCodes, ofError } from "./exitCode.js"
import { exportAll } from "./export.js"
import { find } from "./find.js"
import { invite } from "./invite.js"
import { list } from "./list.js"
import { printError } from "./output.js"
import { revoke } from "./revoke.js"

const invitations = Command.make("invitations").pipe(
  Command.withDescription(
    "Clerk invitations from the command line. Reads CLERK_SECRET_KEY and CLERK_API_URL from the environment."
  ),
  Command.withSubcommands([create, list, find, revoke, remove, invite, exportAll, emulator])
)

const cli = Command.run(invitations, { name: "Clerk invitations", version: "0.0.0", executable: "invitations" })

// Some package managers pass the `--` on that ends their own options.
const args = process.argv.filter((arg, index) => index !== 2 || arg !== "--")

// An interruption is how the emulator ends, so that is a success.
const servesUntilInterrupted = args[2] === "emulator"

// A reader that has gone is noticed where something is written.
process.stdout.on("error", () => {})
process.stderr.on("error", () => {})

cli(args).pipe(
  Effect.as(exitCodes.ok),
  Effect.catchAll((error) => {
    const { code, message } = ofError(error)
    return Effect.as(message === "" ? Effect.void : printError(message), code)
  }),
  Effect.tapErrorCause((cause) => Cause.isDie(cause) ? printError(Cause.pretty(cause)) : Effect.void),
  Effect.provide(NodeContext.layer),
  NodeRuntime.runMain({
    disableErrorReporting: true,
    teardown: (exit, onExit) => onExit(servesUntilInterrupted && Exit.isInterrupted(exit) ? exitCodes.ok : codeOf(exit))
  })
)
