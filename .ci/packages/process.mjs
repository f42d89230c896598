import { execFileSync, spawnSync } from "node:child_process"
import { join } from "node:path"

export const root = join(import.meta.dirname, "../..")

// A script of pnpm passes its settings on, and npm warns about them.
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)))

/**
 * Runs a command and answers with what it printed; shows that only if the command fails.
 */
export const run = (command, args, cwd = root, env = {}) => {
  try {
    return execFileSync(command, args, {
      cwd,
      encoding: "utf8",
      env: { ...environment, ...env },
      stdio: ["ignore", "pipe", "pipe"]
    })
  } catch (error) {
    process.stderr.write(`${error.stdout ?? ""}${error.stderr ?? ""}`)
    throw new Error(`${[command, ...args].join(" ")} failed`, { cause: error.status ?? error })
  }
}

/**
 * Runs a command and returns what it printed to both of its outputs.
 */
export const runWithOutput = (command, args, cwd) => {
  const { error, status, stderr, stdout } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    env: environment,
    stdio: ["ignore", "pipe", "pipe"]
  })
  if (status !== 0) throw new Error(`${[command, ...args].join(" ")} failed\n${stdout}${stderr}`, { cause: error })
  return `${stdout}${stderr}`
}

export const fail = (message) => {
  throw new Error(message)
}

export const report = (line) => console.log(`✓ ${line}`)
