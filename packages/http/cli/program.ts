import { CliConfig, Command, HelpDoc } from "@effect/cli"
import { isPlatformError } from "@effect/platform/Error"
import { Cause, Console, Effect, Logger, Option } from "effect"
import manifest from "../package.json" with { type: "json" }
import { campaign } from "./commands/campaign.js"
import { create } from "./commands/create.js"
import { remove } from "./commands/delete.js"
import { emulator } from "./commands/emulator.js"
import { exportAll } from "./commands/export.js"
import { find } from "./commands/find.js"
import { campaignHelp, campaignsHelp, examplesOf, executable, isCampaignCommand, programHelp } from "./commands/help.js"
import { invite } from "./commands/invite.js"
import { list } from "./commands/list.js"
import { resend } from "./commands/resend.js"
import { revoke } from "./commands/revoke.js"
import { repairOutput } from "./repairOutput.js"
import { type CommandError, type ExitCode, exitCodes, exitUsage, fromError } from "./terminal/exitCode.js"
import { ConsoleLive, printError } from "./terminal/stdio.js"

const showHelp = Console.log(HelpDoc.toAnsiText(programHelp(manifest.version)))

const showCampaignsHelp = Console.log(HelpDoc.toAnsiText(campaignsHelp))

const effectClerk = Command.make(executable, {}, () => showHelp).pipe(
  Command.withSubcommands([create, list, find, resend, revoke, remove, invite, campaign, exportAll, emulator])
)

const run = (argv: ReadonlyArray<string>) =>
  Command.run(effectClerk, {
    name: executable,
    version: manifest.version,
    executable,
    footer: examplesOf(argv[2] ?? "", argv[3] ?? "")
  })(argv)

// The list of commands that `@effect/cli` makes is several screens wide.
const runOrHelp = (argv: ReadonlyArray<string>) => {
  const isHelp = (word: string | undefined): boolean => word === "-h" || word === "--help"
  const [, , command, subcommand] = argv
  if (isHelp(command)) return showHelp
  if (command === "campaign" && (subcommand === undefined || isHelp(subcommand))) return showCampaignsHelp
  // `@effect/cli` would list the commands of the whole program.
  if (command === "campaign" && subcommand !== undefined && !isCampaignCommand(subcommand)) {
    return exitUsage(`campaign needs one of the commands ${Object.keys(campaignHelp).join(", ")}.`)
  }
  return repairOutput(run(argv), argv)
}

// Some package managers pass on the `--` that ends their own options, as in `pnpm invitations -- list` and `pnpm emulator -- --port 0`.
const withoutSeparator = (argv: ReadonlyArray<string>) => argv.filter((arg, index) => index > 3 || arg !== "--")

// `@effect/cli` reads no flag after a `-`, which stands for standard input.
const withInputLast = (argv: ReadonlyArray<string>) =>
  argv[2] === "campaign" && argv[3] === "start" && argv.includes("-")
    ? [...argv.filter((arg) => arg !== "-"), "-"]
    : argv

// Standard output has results only.
const LogToStderr = Logger.replace(Logger.defaultLogger, Logger.prettyLogger({ stderr: true }))

/**
 * Runs `effect-clerk` with the arguments of a process (`process.argv`). Prints the error of a command, and succeeds with the exit
 * code.
 */
export const effectClerkProgram = (argv: ReadonlyArray<string>) =>
  runOrHelp(withInputLast(withoutSeparator(argv))).pipe(
    // `@effect/cli` dies if a path cannot be checked, for example because its links form a circle.
    Effect.catchSomeDefect((defect) => isPlatformError(defect) ? Option.some(Effect.fail(defect)) : Option.none()),
    Effect.as<ExitCode>(exitCodes.ok),
    Effect.catchAll((error: CommandError) => {
      const { code, message } = fromError(error)
      return Effect.as(message === "" ? Effect.void : printError(message), code)
    }),
    Effect.tapErrorCause((cause) => Cause.isDie(cause) ? printError(Cause.pretty(cause)) : Effect.void),
    Effect.provide([LogToStderr, ConsoleLive, CliConfig.layer({ showBuiltIns: false })])
  )
