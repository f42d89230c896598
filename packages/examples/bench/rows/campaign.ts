import { InviteProgress, RateLimits } from "@effect-clerk/core"
import { Duration, Schema } from "effect"
import { compile } from "../harness/build.js"
import { run } from "../harness/processes.js"
import type { Bench, Row } from "../harness/row.js"
import { absolute, atMost, compare } from "../harness/row.js"

const Figures = Schema.Struct({
  /** CPU time of `start`, in milliseconds. */
  load: Schema.Number,
  /** CPU time from then to the end of the campaign, in milliseconds. */
  send: Schema.Number,
  /** Time from the start to the end by the clock of the campaign, in hours. */
  hours: Schema.Number,
  /** Size of the database after the end, in bytes. */
  bytes: Schema.Number,
  /** Peak resident size of the process, in MiB. */
  peak: Schema.Number
})

/**
 * Durable campaigns: the time that 10,000 people take under the limits of production, in virtual time; the CPU time and the
 * size of the store per person, with libsql and without HTTP; and the peak memory of a large campaign.
 */
export const campaign = async ({ quick, rounds }: Bench): Promise<ReadonlyArray<Row>> => {
  const file = await compile("apps/campaign.ts")
  const repeat = async (times: number, args: Parameters<typeof run>[1]) => {
    const figures: Array<typeof Figures.Type> = []
    for (let round = 0; round < times; round++) figures.push(await run(file, args, Figures))
    return figures
  }
  const count = quick ? 2000 : 10_000
  const long = await repeat(1, { people: count, store: "memory", clerk: "memory" })
  const bound = Duration.toHours(InviteProgress.estimate({ count, limits: RateLimits.production }))
  const people = 2000
  const sql = await repeat(rounds, { people })
  const many = quick ? 10_000 : 100_000
  const large = await repeat(1, { people: many, limits: "none" })
  return [
    compare(
      `campaign of ${count.toLocaleString("en")} in virtual time, against the bound`,
      "h",
      long.map(({ hours }) => hours),
      long.map(() => bound),
      atMost(1.01)
    ),
    absolute("the same, CPU", "s", long.map(({ load, send }) => (load + send) / 1000), 10),
    absolute(
      "campaign on libsql, CPU per 1,000 people",
      "s",
      sql.map(({ load, send }) => (load + send) / people),
      1.5
    ),
    absolute("the same, only start", "s", sql.map(({ load }) => load / people)),
    absolute(
      `campaign of ${many.toLocaleString("en")} on libsql, peak memory`,
      "MiB",
      large.map(({ peak }) => peak),
      238
    ),
    // With the write-ahead log of 4 MB, which weighs little only if there are many people.
    absolute("the same, the store", "bytes a person", large.map(({ bytes }) => bytes / many), quick ? undefined : 400),
    absolute("the same, CPU per 1,000 people", "s", large.map(({ load, send }) => (load + send) / many))
  ]
}
