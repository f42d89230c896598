import { Schema } from "effect"
import { compile } from "../harness/build.js"
import { run } from "../harness/processes.js"
import type { Bench, Row } from "../harness/row.js"
import { absolute } from "../harness/row.js"

const Figures = Schema.Struct({ first: Schema.Number, later: Schema.Number })

/** The CPU time of `inviteMany` of 1,000 addresses with the in-memory layer: in a warm process, and as the first job of one. */
export const inviteInMemory = async ({ rounds }: Bench): Promise<ReadonlyArray<Row>> => {
  const program = await compile("inviteInMemory.ts")
  const figures: Array<typeof Figures.Type> = []
  for (let round = 0; round < rounds; round++) figures.push(await run(program, {}, Figures))
  return [
    absolute("inviteMany of 1,000 in memory, CPU", "ms", figures.map(({ later }) => later), 300),
    absolute("the same, the first job of a process", "ms", figures.map(({ first }) => first))
  ]
}
