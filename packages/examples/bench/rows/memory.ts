import type { Contestant } from "../harness/contestants.js"
import { live, measure, peak } from "../harness/contestants.js"
import type { Bench, Row } from "../harness/row.js"
import { atMost, compare, interleave } from "../harness/row.js"

const many = 1_000_000
const few = 100_000

/**
 * The peak memory of listing ten times as many rows, as resident size and as used heap. The resident size mostly shows how
 * much garbage V8 keeps before it collects; the raw client is the reference for it.
 */
export const memory = async ({ apiUrl, quick, rounds }: Bench): Promise<ReadonlyArray<Row>> => {
  const list = (name: Contestant, count: number, watched: "yes" | "no") =>
    measure(name, {
      task: "list",
      url: apiUrl(0, count),
      count,
      warmUpUrl: apiUrl(0, 10_000),
      warmUp: 10_000,
      ahead: 8,
      live: watched
    })
  const runs = {
    few: () => list("effectClerkUndici", few, "no"),
    many: () => list("effectClerkUndici", many, "no"),
    fewLive: () => list("effectClerkUndici", few, "yes"),
    manyLive: () => list("effectClerkUndici", many, "yes"),
    fewRaw: () => list("undici", few, "no"),
    manyRaw: () => list("undici", many, "no")
  }
  const figures = await interleave(
    quick ? 1 : Math.min(2, rounds),
    ["few", "many", "fewLive", "manyLive", "fewRaw", "manyRaw"] satisfies ReadonlyArray<keyof typeof runs>,
    (name) => runs[name]()
  )
  return [
    compare(
      "peak memory, 1,000,000 rows to 100,000, in use",
      "MiB",
      figures("manyLive", live),
      figures("fewLive", live),
      atMost(1.1)
    ),
    compare("the same, resident", "MiB", figures("many", peak), figures("few", peak), atMost(1.1)),
    compare("the same, resident, raw undici", "MiB", figures("manyRaw", peak), figures("fewRaw", peak))
  ]
}
