import { Schema } from "effect"
import { compile } from "../harness/build.js"
import { run } from "../harness/processes.js"
import type { Bench, Row } from "../harness/row.js"
import { atMost, compare, interleave } from "../harness/row.js"

const Figures = Schema.Struct({
  /** The CPU time of a call, in microseconds. */
  perCall: Schema.Number
})

const ways = ["effectClerk", "experimental"] as const

/** The CPU time of a call that waits for a rate limit together with many others. */
export const limiter = async ({ quick, rounds }: Bench): Promise<ReadonlyArray<Row>> => {
  const count = quick ? 3000 : 10_000
  const file = await compile("apps/limiter.ts")
  const figures = await interleave(rounds, ways, (way) => run(file, { way, count }, Figures))
  const perCall = (way: (typeof ways)[number]) => figures(way, ({ perCall }) => perCall)
  return [
    compare(
      `${count.toLocaleString("en")} fibers at one limiter, CPU of a call`,
      "µs",
      perCall("effectClerk"),
      perCall("experimental"),
      atMost(1)
    )
  ]
}
