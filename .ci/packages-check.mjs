/**
 * Packs the publishable packages and checks the tarballs, because pnpm rewrites the manifest while packing: what is
 * published is not what the workspace uses.
 */
import { execFileSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"

const root = join(import.meta.dirname, "..")
const names = ["core", "http"]
// Inside packages/http, so that the unpacked packages find their peers in its node_modules.
const consumer = join(root, "packages/http/node_modules/.cache/consumer")

const run = (command, args, cwd = root) => execFileSync(command, args, { cwd, encoding: "utf8" })
const show = (command, args, cwd = root) => execFileSync(command, args, { cwd, stdio: "inherit" })
const fail = (message) => {
  throw new Error(message)
}

rmSync(consumer, { recursive: true, force: true })

const entrypoints = names.flatMap((name) => {
  const directory = join(root, "packages", name)
  const { filename } = JSON.parse(run("pnpm", ["pack", "--json", "--pack-destination", consumer], directory))
  const unpacked = join(consumer, "node_modules/@effect-clerk", name)
  mkdirSync(unpacked, { recursive: true })
  run("tar", ["-xzf", filename, "-C", unpacked, "--strip-components=1"])

  const text = readFileSync(join(unpacked, "package.json"), "utf8")
  const manifest = JSON.parse(text)
  if (manifest.exports["."].default !== "./dist/index.js") fail(`${name}: publishConfig.exports was not applied`)
  if (/"(workspace|catalog):/.test(text)) fail(`${name}: the manifest refers to the workspace`)
  const files = readdirSync(unpacked, { recursive: true })
  if (!files.includes("LICENSE")) fail(`${name}: there is no LICENSE`)
  const stray = files.find((file) => file.endsWith(".tsbuildinfo"))
  if (stray !== undefined) fail(`${name}: ${stray} should not be published`)

  const modules = readdirSync(join(unpacked, "dist"))
    .filter((file) => file.endsWith(".js"))
    .map((file) => file.slice(0, -3))
  const subpaths = modules.map((module) => module === "index" ? "." : module)

  show("pnpm", ["exec", "publint", "--strict", filename])
  // Listed one by one, because attw does not look behind the pattern "./*".
  show("pnpm", ["exec", "attw", "--profile", "esm-only", filename, "--entrypoints", ...subpaths])
  return subpaths.map((subpath) => `@effect-clerk/${name}${subpath === "." ? "" : `/${subpath}`}`)
})

const script = `
  for (const entrypoint of ${JSON.stringify(entrypoints)}) await import(entrypoint)
  for (const name of ${JSON.stringify(names)}) {
    const internal = await import("@effect-clerk/" + name + "/internal/any").catch((error) => error.code)
    if (internal !== "ERR_PACKAGE_PATH_NOT_EXPORTED") throw new Error(name + ": internal modules are exported")
  }
`
run("node", ["--input-type=module", "--eval", script], consumer)
console.log(`Imported from the tarballs: ${entrypoints.join(", ")}`)
