import { execFileSync } from "node:child_process"
import { join } from "node:path"

export const root = join(import.meta.dirname, "../..")

/**
 * Runs a command and answers with what it printed; shows that only if the command fails.
 */
export const run = (command, args, cwd = root) => {
  try {
    return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })
  } catch (error) {
    process.stderr.write(`${error.stdout ?? ""}${error.stderr ?? ""}`)
    throw new Error(`${[command, ...args].join(" ")} failed`, { cause: error.status ?? error })
  }
}

export const fail = (message) => {
  throw new Error(message)
}

export const report = (line) => console.log(`✓ ${line}`)
