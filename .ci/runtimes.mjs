/**
 * Runs the conformance suites on every runtime, over real sockets, and prints a table of the counts. An argument selects the
 * runtimes whose names begin with it.
 */
import { build } from "esbuild"
import { spawn } from "node:child_process"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { root } from "./packages/process.mjs"
import { cache, executable, install, versions } from "./runtimes/install.mjs"
import * as worker from "./runtimes/worker.mjs"

const source = join(root, "packages/http/test/runtimes")

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

install()
const [main, bun] = await Promise.all([
  bundle("main", onNode),
  bundle("bun", { ...onNode, external: ["bun"] }),
  bundle("worker", { platform: "browser", conditions: ["workerd", "worker", "browser"] })
])

const only = process.argv[2]

const jobs = [
  ...["node20", "node22", "node24"].flatMap((runtime) =>
    [["fetch", "FetchHttpClient"], ["undici", "NodeHttpClient.layerUndici"]].map(([client, name]) => ({
      name: `Node ${versions[runtime]}, ${name}`,
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
  { name: `workerd ${versions.workerd}, FetchHttpClient`, run: worker.run }
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
