// A process that shares the database DATABASE_URL (postgres://… or file:…) with others: with WORK=false a web process on
// HOST and PORT, which starts and watches campaigns, otherwise a worker. processes.ts and compose.yaml start one web process
// and three workers.
import { InvitationsHttp } from "@effect-clerk/http"
import * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
import * as InviteCampaignsSql from "@effect-clerk/http/InviteCampaignsSql"
import { HttpApiBuilder, HttpServer } from "@effect/platform"
import { NodeHttpClient, NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { LibsqlClient } from "@effect/sql-libsql"
import { PgClient } from "@effect/sql-pg"
import { Config, Effect, Layer, Redacted } from "effect"
import { createServer } from "node:http"
import { CampaignsApiLive } from "./web.js"

const DatabaseLive = Layer.unwrapEffect(
  Effect.map(Config.redacted("DATABASE_URL"), (url) =>
    Redacted.value(url).startsWith("file:")
      ? LibsqlClient.layer({ url: Redacted.value(url) })
      : PgClient.layer({ url, maxConnections: 5, applicationName: "campaigns" }))
)

const CampaignsLive = InviteCampaignsSql.layer().pipe(
  Layer.provide(DatabaseLive),
  Layer.provide(InvitationsHttp.layerConfig()),
  Layer.provide(NodeHttpClient.layerUndici)
)

const WebLive = HttpApiBuilder.serve().pipe(
  HttpServer.withLogAddress,
  Layer.provide(CampaignsApiLive),
  Layer.provide(NodeHttpServer.layerConfig(
    () => createServer(),
    Config.all({
      host: Config.withDefault(Config.string("HOST"), "127.0.0.1"),
      port: Config.withDefault(Config.port("PORT"), 3000)
    })
  ))
)

const ProcessLive = Layer.unwrapEffect(
  Effect.map(
    Config.withDefault(Config.boolean("WORK"), true),
    (work) => Layer.merge(InviteCampaigns.layerPoller({ work }), work ? Layer.empty : WebLive)
  )
)

ProcessLive.pipe(Layer.provide(CampaignsLive), Layer.launch, NodeRuntime.runMain)
