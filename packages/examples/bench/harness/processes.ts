import { Schema } from "effect"
import type { ChildProcess } from "node:child_process"
import { spawn } from "node:child_process"
import { basename } from "node:path"
import { createInterface } from "node:readline"

export type Arguments = { readonly [name: string]: string | number }

const settings: { profile: string | undefined } = { profile: undefined }

let profiles = 0

/** Makes every process started from now on write a CPU profile to a folder. */
export const profileTo = (folder: string | undefined): void => {
  settings.profile = folder
}

const nodeOptions = (file: string): ReadonlyArray<string> =>
  settings.profile === undefined ? [] : [
    "--cpu-prof",
    `--cpu-prof-dir=${settings.profile}`,
    `--cpu-prof-name=${basename(file, ".mjs")}.${++profiles}.cpuprofile`
  ]

const start = (
  file: string,
  args: Arguments,
  command: ReadonlyArray<string> = [],
  flags: ReadonlyArray<string> = []
): ChildProcess =>
  spawn(
    process.execPath,
    [
      ...nodeOptions(file),
      ...flags,
      file,
      ...command,
      ...Object.entries(args).flatMap(([name, value]) => [`--${name}`, String(value)])
    ],
    { stdio: ["ignore", "pipe", "inherit"] }
  )

const exited = (child: ChildProcess): Promise<number | null> => new Promise((resolve) => child.once("exit", resolve))

/**
 * Runs a program to its end and returns its standard output. `flags` are those of Node.
 */
export const run = async <A, I>(
  file: string,
  args: Arguments,
  schema: Schema.Schema<A, I>,
  flags: ReadonlyArray<string> = []
): Promise<A> => {
  const child = start(file, args, [], flags)
  let text = ""
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk
  })
  const code = await new Promise((resolve) => child.once("close", resolve))
  if (code !== 0) throw new Error(`${basename(file)} ended with ${String(code)}`)
  return Schema.decodeUnknownSync(Schema.parseJson(schema))(text)
}

export interface Server {
  readonly url: string
  readonly stop: () => Promise<void>
}

/**
 * Starts a server, which may be a command of a program, and waits until it prints its address.
 */
export const serve = async (
  file: string,
  args: Arguments = {},
  command?: ReadonlyArray<string>
): Promise<Server> => {
  const child = start(file, args, command)
  const ended = exited(child)
  if (child.stdout === null) throw new Error("no output to read")
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = /^listening on (\S+)/.exec(line) ?? []
    if (url === undefined) continue
    return {
      url,
      stop: async () => {
        child.kill("SIGTERM")
        await ended
      }
    }
  }
  throw new Error(`${basename(file)} does not listen`)
}
