import { Command } from "@effect/cli"
import { Cause, Effect, Logger } from "effect"
import { create } from "./commands/create.js"
import { remove } from "./commands/delete.js"
import { emulator } from "./commands/emulator.js"
import { exportAll } from "./commands/export.js"
import { find } from "./commands/find.js"
import { invite } from "./commands/invite.js"
import { list } from "./commands/list.js"
import { revoke } from "./commands/revoke.js"
import { type CommandError, type ExitCode, exitCodes, fromError } from "./terminal/exitCode.js"
import { ConsoleLive, printError } from "./terminal/stdio.js"

const invitations = Command.make("invitations").pipe(
  Command.withDescription(
    "Manages Clerk invitations. Reads CLERK_SECRET_KEY and CLERK_API_URL from the environment."
  ),
  Command.withSubcommands([create, list, find, revoke, remove, invite, exportAll, emulator])
)

// Some package managers pass on the `--` that ends their own options.
const withoutSeparator = (argv: ReadonlyArray<string>) => argv.filter((arg, index) => index !== 2 || arg !== "--")

// Standard output has results only.
const LogToStderr = Logger.replace(Logger.defaultLogger, Logger.prettyLogger({ stderr: true }))

// Prints the error of a command and succeeds with its exit code.
const handleErrors = <A, R>(command: Effect.Effect<A, CommandError, R>) =>
  command.pipe(
    Effect.as<ExitCode>(exitCodes.ok),
    Effect.catchAll((error) => {
      const { code, message } = fromError(error)
      return Effect.as(message === "" ? Effect.void : printError(message), code)
    }),
    Effect.tapErrorCause((cause) => Cause.isDie(cause) ? printError(Cause.pretty(cause)) : Effect.void),
    Effect.provide([LogToStderr, ConsoleLive])
  )

const runInvitations = Command.run(invitations, {
  name: "Clerk invitations",
  version: "0.0.0",
  executable: "invitations"
})

const runEmulator = Command.run(emulator, {
  name: "Clerk invitations emulator",
  version: "0.0.0",
  executable: "emulator"
})

/**
 * Runs `invitations` with the arguments of a process (`process.argv`). Succeeds with the exit code.
 */
export const invitationsProgram = (argv: ReadonlyArray<string>) => handleErrors(runInvitations(withoutSeparator(argv)))

/**
 * Runs `emulator` with the arguments of a process (`process.argv`) until it is interrupted. Succeeds with the exit code.
 */
export const emulatorProgram = (argv: ReadonlyArray<string>) => handleErrors(runEmulator(withoutSeparator(argv)))
