import { Schema } from "effect"
import { bundle, compile } from "../harness/build.js"
import { run } from "../harness/processes.js"
import type { Bench, Row } from "../harness/row.js"
import { atMost, compare, interleave } from "../harness/row.js"

const Figures = Schema.Struct({ millis: Schema.Number })

/** The time of importing the four-call application as one file. */
export const importing = async ({ quick, rounds }: Bench): Promise<ReadonlyArray<Row>> => {
  const timer = await compile("apps/importTime.ts")
  const figures = await interleave(
    quick ? 2 * rounds : 4 * rounds,
    ["effectClerkApp", "clerkBackendApp"],
    async (name) => run(timer, { file: (await bundle(`apps/${name}.ts`)).file }, Figures)
  )
  const millis = (figures: typeof Figures.Type) => figures.millis
  return [
    compare(
      "import the bundled client",
      "ms",
      figures("effectClerkApp", millis),
      figures("clerkBackendApp", millis),
      atMost(0.9)
    )
  ]
}
