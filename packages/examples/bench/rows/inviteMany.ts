import { Schema } from "effect"
import { compile } from "../harness/build.js"
import { run } from "../harness/processes.js"
import type { Bench, Row } from "../harness/row.js"
import { absolute, atMost, compare, interleave } from "../harness/row.js"

const Figures = Schema.Struct({
  /** The CPU time of an invitation, in microseconds. */
  perInvitation: Schema.Number,
  /** The peak of the used heap, in MiB, if it was measured. */
  peak: Schema.Number
})

/** Jobs of different sizes, with calls that cost next to nothing: the CPU time of an invitation, and the peak of the used heap. */
export const inviteManyInMemory = async ({ quick, rounds }: Bench): Promise<ReadonlyArray<Row>> => {
  const file = await compile("apps/inviteMany.ts")
  const cpu = await interleave(
    Math.min(3, rounds),
    ["1000", "10000", "100000"],
    (count) => run(file, { count }, Figures)
  )
  // The job remembers 100,000 addresses.
  const sizes = quick ? (["150000"] as const) : (["150000", "300000"] as const)
  const heap = await interleave(1, sizes, (count) => run(file, { count, live: "yes" }, Figures))
  const perInvitation = (count: "1000" | "10000" | "100000") => cpu(count, ({ perInvitation }) => perInvitation)
  const peak = (count: (typeof sizes)[number]) => heap(count, ({ peak }) => peak)
  return [
    absolute("inviteMany of 10,000, CPU of an invitation", "µs", perInvitation("10000")),
    compare(
      "the same, of 100,000 against of 1,000",
      "µs",
      perInvitation("100000"),
      perInvitation("1000"),
      atMost(1.1)
    ),
    ...(quick ? [] : [
      compare(
        "the same, peak of the used heap, of 300,000 against of 150,000",
        "MiB",
        peak("300000"),
        peak("150000"),
        atMost(1.1)
      )
    ])
  ]
}
