// Runs one durable campaign over HTTP to its end, with short windows and a Postgres database, and prints the figures of the process.
import { InvitationsHttp } from "@effect-clerk/http"
import * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
import * as InviteCampaignsSql from "@effect-clerk/http/InviteCampaignsSql"
import { NodeHttpClient } from "@effect/platform-node"
import { PgClient } from "@effect/sql-pg"
import { DateTime, Duration, Effect, Layer, Option, Redacted, Stream } from "effect"
import { parseArgs } from "node:util"
import { attemptTimeout, timing } from "../../src/chaos/campaign/settings.js"
import { limits } from "./shortWindows.js"

const { values } = parseArgs({
  options: {
    people: { type: "string", default: "1000" },
    /** The URL of the emulator. */
    url: { type: "string", default: "" },
    /** The URL of a Postgres database. */
    database: { type: "string", default: "" }
  }
})

const count = Number(values.people)

const people = Stream.map(Stream.range(1, count), (n) => ({ emailAddress: `person${n}@example.com` }))

const prefix = `bench_${process.pid}`

const tables = ["campaigns", "people", "loads", "quotas", "calls", "migrations"]

const Database = PgClient.layer({ url: Redacted.make(values.database), maxConnections: 5 })

const Clerk = InvitationsHttp.layer({
  apiUrl: values.url,
  secretKey: Redacted.make("sk_test_bench"),
  timeout: { attempt: attemptTimeout }
}).pipe(Layer.provide(NodeHttpClient.layerUndici))

const Campaigns = InviteCampaigns.layerPoller({ every: "500 millis" }).pipe(
  Layer.provideMerge(InviteCampaignsSql.layer({ limits, ...timing, prefix })),
  Layer.provide(Clerk)
)

const run = Effect.gen(function*() {
  const campaigns = yield* InviteCampaigns.InviteCampaigns
  const before = process.cpuUsage()
  yield* campaigns.start({ id: "bench", people })
  const { counts, endedAt, startedAt } = yield* campaigns.await("bench", { every: "500 millis" })
  if (counts.Created !== count) return yield* Effect.dieMessage(`${JSON.stringify(counts)} of ${count}`)
  const { system, user } = process.cpuUsage(before)
  return {
    /** CPU time of the whole campaign, in milliseconds. */
    cpu: (system + user) / 1000,
    /** Time from the start to the end by the clock of the database, in seconds. */
    seconds: Duration.toSeconds(DateTime.distanceDuration(Option.getOrThrow(startedAt), Option.getOrThrow(endedAt)))
  }
}).pipe(Effect.provide(Campaigns))

const drop = Effect.flatMap(
  PgClient.PgClient,
  (sql) => sql.unsafe(`DROP TABLE IF EXISTS ${tables.map((name) => `${prefix}_${name}`).join(", ")}`)
)

const figures = await Effect.runPromise(Effect.provide(Effect.ensuring(run, Effect.ignore(drop)), Database))
console.log(JSON.stringify(figures))
