import type { Contestant } from "../harness/contestants.js"
import { cpu, measure, wall } from "../harness/contestants.js"
import type { Bench, Row } from "../harness/row.js"
import { atMost, compare, interleave } from "../harness/row.js"

const rows = 100_000

// As long as the measurement: the JIT compiler needs that much.
const warmUp = 100_000

const list = (bench: Bench, name: Contestant, latency: number, ahead: number) =>
  measure(name, {
    task: "list",
    url: bench.apiUrl(latency, rows),
    count: rows,
    warmUpUrl: bench.apiUrl(0, warmUp),
    warmUp,
    ahead
  })

/** Lists all rows at 20 ms a page: the SDK page by page, this client and the raw pool with 8 pages prefetched. */
export const listAhead = async (bench: Bench): Promise<ReadonlyArray<Row>> => {
  const contestants: ReadonlyArray<Contestant> = [
    "clerkBackend",
    "effectClerkUndici",
    "undici",
    "effectClerkFetch",
    "httpClientUndici"
  ]
  const figures = await interleave(bench.rounds, contestants, (name) => list(bench, name, 20, 8))
  const ours = figures("effectClerkUndici", wall)
  const theirs = figures("clerkBackend", wall)
  return [
    compare("list 100,000 at 20 ms, 8 pages ahead, wall", "ms", ours, theirs, atMost(0.18)),
    compare("the same, against raw undici with a pool of 8", "ms", ours, figures("undici", wall), atMost(1.35)),
    compare("the same, over FetchHttpClient", "ms", figures("effectClerkFetch", wall), theirs),
    compare("the same, the client of @effect/platform by itself", "ms", figures("httpClientUndici", wall), theirs)
  ]
}

/** Lists all rows page by page, without latency. */
export const listInTurn = async (bench: Bench): Promise<ReadonlyArray<Row>> => {
  const contestants: ReadonlyArray<Contestant> = ["clerkBackend", "effectClerkUndici", "undici", "httpClientUndici"]
  const figures = await interleave(bench.rounds, contestants, (name) => list(bench, name, 0, 1))
  return [
    compare(
      "list 100,000 at 0 ms, page by page, wall",
      "ms",
      figures("effectClerkUndici", wall),
      figures("clerkBackend", wall),
      atMost(1.15)
    ),
    compare("the same, CPU", "ms", figures("effectClerkUndici", cpu), figures("clerkBackend", cpu)),
    compare(
      "the same, the client of @effect/platform by itself, wall",
      "ms",
      figures("httpClientUndici", wall),
      figures("clerkBackend", wall)
    ),
    compare("the same, raw undici, wall", "ms", figures("undici", wall), figures("clerkBackend", wall))
  ]
}
