import { spawn } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fail, run as execute } from "./process.mjs"

const maxBytes = 2_000_000

// Starts the emulator on a free port, and calls the function with its URL.
const withEmulator = async (command, args, cwd, use) => {
  const child = spawn(command, [...args, "emulator", "--port", "0"], {
    cwd,
    // npx starts the command as a process of its own: both get the signal.
    detached: true,
    stdio: ["ignore", "pipe", "inherit"]
  })
  const ended = new Promise((resolve) => child.once("exit", resolve))
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const [, url] = /^listening on (\S+)/.exec(line) ?? []
      if (url !== undefined) return await use(url)
    }
    fail("the emulator does not listen")
  } finally {
    process.kill(-child.pid, "SIGTERM")
    await ended
  }
}

const includes = (text, part) => {
  if (!text.includes(part)) fail(`${JSON.stringify(part)} is missing in:\n${text}`)
}

/**
 * Runs the command from the unpacked tarball, with no other package in reach. Returns its size in bytes.
 */
export const runAlone = async (directory, { filename, manifest }) => {
  const folder = join(directory, "alone")
  mkdirSync(folder)
  execute("tar", ["-xzf", filename, "-C", folder])
  const bin = join(folder, "package/bin")
  const program = join(folder, "package", manifest.bin["effect-clerk"])
  includes(execute(process.execPath, [program, "--version"], folder), manifest.version)
  await withEmulator(process.execPath, [program], folder, async (url) => {
    const docs = await (await fetch(`${url}/docs`)).text()
    includes(docs, "swagger")
  })
  const bytes = readdirSync(bin).reduce((sum, file) => sum + statSync(join(bin, file)).size, 0)
  if (bytes > maxBytes) fail(`the command has ${bytes} bytes, more than ${maxBytes}`)
  return bytes
}

/**
 * Installs the tarballs in an empty folder, and runs the command there through npx.
 */
export const runThroughNpx = async (directory, packages) => {
  const folder = join(directory, "npx")
  mkdirSync(folder)
  const tarballs = packages.map(({ filename }) => filename)
  execute("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", ...tarballs], folder)
  writeFileSync(join(folder, "people.csv"), "Name,E-Mail\nEve,eve@example.com\nGrace,grace@example.com\n")
  await withEmulator("npx", ["@effect-clerk/http"], folder, async (url) => {
    const clerk = (...args) =>
      execute("npx", ["@effect-clerk/http", ...args], folder, { CLERK_SECRET_KEY: "sk_test_any", CLERK_API_URL: url })
    includes(clerk("create", "ada@example.com"), "ada@example.com")
    includes(clerk("invite", "--csv", "people.csv", "--ignore-other-columns"), "eve@example.com  invited")
    if (clerk("list", "--json").trim().split("\n").length !== 3) fail("list does not print three invitations")
    clerk("export", "--output", "all.csv")
    includes(readFileSync(join(folder, "all.csv"), "utf8"), "grace@example.com")
  })
}
