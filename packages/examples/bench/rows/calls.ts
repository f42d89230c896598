import type { Contestant } from "../harness/contestants.js"
import { cpu, measure, wall } from "../harness/contestants.js"
import type { Bench, Row } from "../harness/row.js"
import { atMost, compare, interleave } from "../harness/row.js"

/** Measures sequential calls over a kept connection. Returns the function that compares two contestants, in wall and CPU time. */
const sequential = async (
  { apiUrl, quick, rounds }: Bench,
  task: "create" | "revoke" | "listTen",
  contestants: ReadonlyArray<Contestant>
) => {
  const url = apiUrl(0, task === "listTen" ? 10 : 0)
  const figures = await interleave(
    rounds,
    contestants,
    (name) => measure(name, { task, url, warmUpUrl: url, warmUp: quick ? 1000 : 5000, count: quick ? 1000 : 3000 })
  )
  return (
    work: string,
    name: Contestant,
    { cpuTarget, peer = "clerkBackend", wallTarget }: {
      readonly peer?: Contestant
      readonly wallTarget?: number
      readonly cpuTarget?: number
    } = {}
  ): ReadonlyArray<Row> => [
    compare(
      `${work}, wall`,
      "ms",
      figures(name, wall),
      figures(peer, wall),
      wallTarget === undefined ? undefined : atMost(wallTarget)
    ),
    compare(
      `${work}, CPU`,
      "ms",
      figures(name, cpu),
      figures(peer, cpu),
      cpuTarget === undefined ? undefined : atMost(cpuTarget)
    )
  ]
}

/** Sequential creates. */
export const create = async (bench: Bench): Promise<ReadonlyArray<Row>> => {
  const row = await sequential(bench, "create", [
    "clerkBackend",
    "effectClerkUndici",
    "effectClerkFetch",
    "httpClientUndici",
    "httpClientFetch",
    "undici",
    "fetch"
  ])
  const platform = "the same, against the client of @effect/platform by itself"
  return [
    ...row("create, over layerUndici", "effectClerkUndici", { wallTarget: 0.97, cpuTarget: 0.95 }),
    ...row(platform, "effectClerkUndici", { peer: "httpClientUndici", wallTarget: 1.06, cpuTarget: 1.06 }),
    ...row("create, over FetchHttpClient", "effectClerkFetch", { wallTarget: 1.4, cpuTarget: 1.4 }),
    ...row(platform, "effectClerkFetch", { peer: "httpClientFetch", wallTarget: 1.06, cpuTarget: 1.06 }),
    ...row("create, raw undici", "undici"),
    ...row("create, raw fetch", "fetch")
  ]
}

/** Sequential revokes. */
export const revoke = async (bench: Bench): Promise<ReadonlyArray<Row>> => {
  const row = await sequential(bench, "revoke", ["clerkBackend", "effectClerkUndici"])
  return row("revoke, over layerUndici", "effectClerkUndici", { wallTarget: 1, cpuTarget: 1 })
}

/** Sequential lists of ten rows. */
export const listTen = async (bench: Bench): Promise<ReadonlyArray<Row>> => {
  const row = await sequential(bench, "listTen", ["clerkBackend", "effectClerkUndici"])
  return row("list of 10 rows, over layerUndici", "effectClerkUndici", { wallTarget: 1, cpuTarget: 1 })
}
