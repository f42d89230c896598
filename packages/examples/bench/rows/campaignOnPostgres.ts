import { InviteProgress } from "@effect-clerk/core"
import { Duration, Schema } from "effect"
import { limits } from "../apps/shortWindows.js"
import { compile } from "../harness/build.js"
import { run, serve } from "../harness/processes.js"
import type { Bench, Row } from "../harness/row.js"
import { absolute, atMost, compare } from "../harness/row.js"

const Figures = Schema.Struct({
  /** CPU time of the whole campaign, in milliseconds. */
  cpu: Schema.Number,
  /** Time from the start to the end, in seconds. */
  seconds: Schema.Number
})

/**
 * A durable campaign on the Postgres server of `POSTGRES_URL`, over HTTP to the emulator in another process: the time with windows
 * of 4 seconds, against the shortest that they allow, and the CPU time of the process of the campaign.
 */
export const campaignOnPostgres = async ({ quick, rounds }: Bench): Promise<ReadonlyArray<Row>> => {
  const database = process.env["POSTGRES_URL"] ?? ""
  if (database === "") {
    console.log("The campaign on Postgres is skipped: POSTGRES_URL is not set")
    return []
  }
  const people = quick ? 1000 : 10_000
  const emulator = await compile("apps/emulator.ts")
  const file = await compile("apps/campaignOnPostgres.ts")
  const figures: Array<typeof Figures.Type> = []
  for (let round = 0; round < Math.min(rounds, 2); round++) {
    // A campaign has the limits of the emulator for itself.
    const server = await serve(emulator)
    try {
      figures.push(await run(file, { people, url: server.url, database }, Figures))
    } finally {
      await server.stop()
    }
  }
  const bound = Duration.toSeconds(InviteProgress.estimate({ count: people, limits }))
  return [
    compare(
      `campaign of ${people.toLocaleString("en")} on Postgres over HTTP, against the bound`,
      "s",
      figures.map(({ seconds }) => seconds),
      figures.map(() => bound),
      atMost(1.25)
    ),
    absolute("the same, CPU per 1,000 people", "s", figures.map(({ cpu }) => cpu / people), 4)
  ]
}
