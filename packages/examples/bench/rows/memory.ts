import type { Contestant } from "../harness/contestants.js"
import { live, measure, peak } from "../harness/contestants.js"
import type { Bench, Row } from "../harness/row.js"
import { atMost, compare, interleave } from "../harness/row.js"

const many = 1_000_000
const few = 100_000

// Twice what the client uses. Without a limit, V8 decides how much garbage it keeps, and the figures differ by a factor of two
// between runs.
const heapLimit = 96

/**
 * The peak memory of listing ten times as many rows: as used heap, and as resident size with the same heap limit for all
 * contestants. The resident size shows mostly how much garbage V8 keeps before it collects.
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
    }, watched === "yes" ? [] : [`--max-old-space-size=${heapLimit}`])
  const runs = {
    few: () => list("effectClerkUndici", few, "no"),
    many: () => list("effectClerkUndici", many, "no"),
    fewLive: () => list("effectClerkUndici", few, "yes"),
    manyLive: () => list("effectClerkUndici", many, "yes"),
    fewRaw: () => list("undici", few, "no"),
    manyRaw: () => list("undici", many, "no"),
    fewSdk: () => list("clerkBackend", few, "no"),
    manySdk: () => list("clerkBackend", many, "no")
  }
  const figures = await interleave(
    quick ? 1 : Math.min(2, rounds),
    ["few", "many", "fewLive", "manyLive", "fewRaw", "manyRaw", "fewSdk", "manySdk"] satisfies ReadonlyArray<
      keyof typeof runs
    >,
    (name) => runs[name]()
  )
  const resident = (
    work: string,
    [more, less]: readonly [keyof typeof runs, keyof typeof runs],
    target?: Row["target"]
  ): Row => compare(work, "MiB", figures(more, peak), figures(less, peak), target)
  return [
    compare(
      "peak memory, 1,000,000 rows to 100,000, in use",
      "MiB",
      figures("manyLive", live),
      figures("fewLive", live),
      atMost(1.1)
    ),
    resident(`the same, resident, heap limit ${heapLimit} MB`, ["many", "few"], atMost(1.15)),
    resident("the same, resident, raw undici", ["manyRaw", "fewRaw"]),
    resident("the same, resident, `@clerk/backend`", ["manySdk", "fewSdk"])
  ]
}
