/**
 * Runs the suites in a Worker, and requests that share its runtime.
 */
import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { cache, executable } from "./install.mjs"

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

/** The results of the suites. */
export const run = async () => {
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
