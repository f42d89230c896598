/**
 * A process of a chaos run: starts the campaign, or finds it started, and works on it until it ends. It prints a line for each
 * step, and is killed at any moment.
 */
import { InvitationsHttp } from "@effect-clerk/http"
import * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
import * as InviteCampaignsSql from "@effect-clerk/http/InviteCampaignsSql"
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { LibsqlClient } from "@effect/sql-libsql"
import { PgClient } from "@effect/sql-pg"
import { Config, Console, Effect, Layer, Logger, LogLevel, Redacted } from "effect"
import { requestOf } from "./people.js"
import { attemptTimeout, campaign, limits, timing } from "./settings.js"

const settings = Config.all({
  apiUrl: Config.string("API_URL"),
  database: Config.string("DATABASE"),
  people: Config.integer("PEOPLE"),
  allowDuplicates: Config.boolean("ALLOW_DUPLICATES")
})

const databaseOf = (url: string) =>
  url.startsWith("file:")
    ? LibsqlClient.layer({ url })
    : PgClient.layer({ url: Redacted.make(url), maxConnections: 5 })

const program = Effect.gen(function*() {
  const { allowDuplicates, apiUrl, database, people } = yield* settings
  const Invitations = InvitationsHttp.layer({
    apiUrl,
    secretKey: Redacted.make("sk_test_chaos"),
    timeout: { attempt: attemptTimeout }
  }).pipe(Layer.provide(NodeHttpClient.layerUndici))
  const Campaigns = InviteCampaigns.layerPoller({ every: "500 millis" }).pipe(
    Layer.provideMerge(InviteCampaignsSql.layer({ limits, ...timing })),
    Layer.provide(databaseOf(database)),
    Layer.provide(Invitations)
  )
  yield* Effect.gen(function*() {
    const campaigns = yield* InviteCampaigns.InviteCampaigns
    yield* Console.log("ready")
    const { started } = yield* campaigns.start({
      id: campaign,
      people: Array.from({ length: people }, (_, position) => requestOf(position, allowDuplicates)),
      allowDuplicates
    })
    yield* Console.log(started ? "started" : "found")
    const { state } = yield* campaigns.await(campaign, { every: "200 millis" })
    yield* Console.log(state)
  }).pipe(
    // Another process may hold the database for longer than this one waits.
    Effect.retry({ times: 20, while: ({ _tag }) => _tag === "StoreError" }),
    Effect.provide(Campaigns)
  )
}).pipe(Logger.withMinimumLogLevel(LogLevel.Error))

NodeRuntime.runMain(program)
