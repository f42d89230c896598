// Sends requests to a server over 32 connections, in a process of its own; prints the responses per second.
import { parseArgs } from "node:util"
import { Pool } from "undici"

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "" },
    connections: { type: "string", default: "32" },
    /** The length of the warm-up, in seconds. */
    "warm-up": { type: "string", default: "1" },
    /** The length of the measurement, in seconds. */
    seconds: { type: "string", default: "2" }
  }
})

const url = new URL(values.url)
const connections = Number(values.connections)
const pool = new Pool(url.origin, { connections, pipelining: 1 })

let done = false
let answers = 0
let sent = 0

// `pool.request` would use more CPU than the server under test.
const post = (): Promise<void> =>
  new Promise((resolve, reject) => {
    let status = 0
    pool.dispatch(
      {
        method: "POST",
        path: url.pathname,
        headers: { authorization: "Bearer sk_test_bench", "content-type": "application/json" },
        body: JSON.stringify({
          email_address: `load-${++sent}@example.com`,
          public_metadata: { role: "admin", team: "analytical-engines", seats: 3 },
          expires_in_days: 7
        })
      },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_, code) => {
          status = code
        },
        onResponseData: () => undefined,
        onResponseEnd: () => {
          if (status === 200) resolve()
          else reject(new Error(`answered with ${status}`))
        },
        onResponseError: (_, error) => reject(error)
      }
    )
  })

const worker = async (): Promise<void> => {
  while (!done) {
    await post()
    answers++
  }
}

const sleep = (seconds: string): Promise<void> => new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000))

const workers = Array.from({ length: connections }, worker)
const measured = sleep(values["warm-up"]).then(async () => {
  const before = answers
  const start = performance.now()
  await sleep(values.seconds)
  const perSecond = (answers - before) / (performance.now() - start) * 1000
  done = true
  return perSecond
})
const [perSecond] = await Promise.all([measured, ...workers])
await pool.close()
console.log(JSON.stringify({ perSecond }))
