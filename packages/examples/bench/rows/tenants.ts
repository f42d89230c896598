import { Schema } from "effect"
import { compile } from "../harness/build.js"
import { run } from "../harness/processes.js"
import type { Bench, Row } from "../harness/row.js"
import { compare, interleave, median } from "../harness/row.js"

const Figures = Schema.Struct({
  /** The connections that both calls of all tenants opened. */
  connections: Schema.Number,
  /** The CPU time of the first calls, in milliseconds. */
  first: Schema.Number,
  /** The CPU time of the second calls, in milliseconds. */
  second: Schema.Number,
  /** The used heap that the first calls left behind, in KiB. */
  kept: Schema.Number
})

const ways = ["tenants", "layers"] as const

/** Two calls for each of many tenants, with `InvitationsTenants` and with a layer per call. */
export const tenants = async ({ apiUrl, quick, rounds }: Bench): Promise<ReadonlyArray<Row>> => {
  const count = quick ? 200 : 1000
  const file = await compile("apps/tenants.ts")
  const figures = await interleave(rounds, ways, (way) => run(file, { url: apiUrl(0, 10), way, count }, Figures))
  const both = (work: string, unit: string, figure: (figures: typeof Figures.Type) => number): Row =>
    compare(work, unit, figures("tenants", figure), figures("layers", figure))
  const kept = figures("tenants", ({ kept }) => kept / count)
  return [
    both(`${count} tenants, connections, against a layer per call`, "sockets", ({ connections }) => connections),
    both("the same, the first call of each tenant, CPU", "µs a call", ({ first }) => first / count * 1000),
    both("the same, the second call of each tenant, CPU", "µs a call", ({ second }) => second / count * 1000),
    {
      work: "the same, used heap",
      unit: "KiB a tenant",
      ours: median(kept),
      peer: undefined,
      value: median(kept),
      range: [Math.min(...kept), Math.max(...kept)]
    }
  ]
}
