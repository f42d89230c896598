import type { Contestant } from "../harness/contestants.js"
import { cpu, measure, wall } from "../harness/contestants.js"
import type { Bench, Row } from "../harness/row.js"
import { atMost, compare, interleave } from "../harness/row.js"

const contestants: ReadonlyArray<Contestant> = [
  "clerkBackend",
  "effectClerkUndici",
  "effectClerkFetch",
  "httpClientUndici",
  "undici",
  "fetch"
]

/** Sequential creates over a kept connection. */
export const create = async ({ apiUrl, quick, rounds }: Bench): Promise<ReadonlyArray<Row>> => {
  const url = apiUrl(0, 0)
  const figures = await interleave(
    rounds,
    contestants,
    (name) =>
      measure(name, { task: "create", url, warmUpUrl: url, warmUp: quick ? 1000 : 5000, count: quick ? 1000 : 3000 })
  )
  const row = (work: string, name: Contestant, target?: Row["target"]) => [
    compare(`${work}, wall`, "ms", figures(name, wall), figures("clerkBackend", wall), target),
    compare(`${work}, CPU`, "ms", figures(name, cpu), figures("clerkBackend", cpu), target)
  ]
  return [
    ...row("create, over layerUndici", "effectClerkUndici", atMost(0.75)),
    ...row("create, over FetchHttpClient", "effectClerkFetch", atMost(1.3)),
    ...row("create, the client of @effect/platform by itself, over `layerUndici`", "httpClientUndici"),
    ...row("create, raw undici", "undici"),
    ...row("create, raw fetch", "fetch")
  ]
}
