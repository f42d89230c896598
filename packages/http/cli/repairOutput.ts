import { Console, Effect } from "effect"
import { campaignHelp, executable, help, isCampaignCommand } from "./commands/help.js"

const inFunctions = executable.replaceAll("-", "__")

// `@effect/cli` replaces the hyphen in the names of the commands, and forgets it in the name of the program. Without this, bash
// completes the names of the commands and no flags. The scripts for other shells do not have these lines.
const repairCompletions = (script: string): string =>
  script
    .replace(`cmd="${executable}"`, `cmd="${inFunctions}"`)
    .replace(new RegExp(`^( *)${executable}\\)$`, "m"), `$1${inFunctions})`)

// The usage of a command begins with a prompt, which may be coloured, and lacks the name of the program, and of the command that
// it is a part of.
const repairUsage = (text: string, [, , command = "", subcommand = ""]: ReadonlyArray<string>): string => {
  const isNested = command === "campaign" && isCampaignCommand(subcommand)
  const names = Object.keys(isNested ? campaignHelp : help).join("|")
  const usage = new RegExp(`^(\\S*\\$ \\S*?)(?=(?:${names})\\b)`, "m")
  return text.replace(usage, `$1${executable} ${isNested ? "campaign " : ""}`)
}

/**
 * Repairs the completions and the usage lines that `@effect/cli` prints for the arguments of a process.
 */
export const repairOutput = <A, E, R>(
  program: Effect.Effect<A, E, R>,
  argv: ReadonlyArray<string>
): Effect.Effect<A, E, R> =>
  Console.consoleWith((console) =>
    Effect.withConsole(program, {
      ...console,
      log: (...args: ReadonlyArray<unknown>) =>
        console.log(...args.map((arg) => typeof arg === "string" ? repairUsage(repairCompletions(arg), argv) : arg))
    })
  )
