import { Console, Effect } from "effect"
import { executable } from "./commands/help.js"

const inFunctions = executable.replaceAll("-", "__")

// `@effect/cli` replaces the hyphen in the names of the commands, and forgets it in the name of the program. The scripts for other
// shells do not have these lines.
const repair = (script: string): string =>
  script
    .replace(`cmd="${executable}"`, `cmd="${inFunctions}"`)
    .replace(new RegExp(`^( *)${executable}\\)$`, "m"), `$1${inFunctions})`)

/**
 * Repairs the script that `--completions bash` prints: without this, bash completes the names of the commands and no flags.
 */
export const repairCompletions = <A, E, R>(program: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Console.consoleWith((console) =>
    Effect.withConsole(program, {
      ...console,
      log: (...args: ReadonlyArray<unknown>) =>
        console.log(...args.map((arg) => typeof arg === "string" ? repair(arg) : arg))
    })
  )
