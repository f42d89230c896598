// Run it by cron every minute with the environment CLERK_SECRET_KEY and, if you like, CLERK_API_URL and DATABASE_URL:
// npx -y pnpm@10 tsx packages/examples/src/recipes/campaign/scheduled.ts
import { InvitationsHttp } from "@effect-clerk/http"
import * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
import * as InviteCampaignsSql from "@effect-clerk/http/InviteCampaignsSql"
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { LibsqlClient } from "@effect/sql-libsql"
import { Config, Console, Effect, Layer } from "effect"

// Without `layerPoller` nothing runs by itself. A slice sends for up to 40 seconds, so that each run ends before the next one.
const CampaignsLive = InviteCampaignsSql.layer({ slice: "40 seconds", lease: "55 seconds" }).pipe(
  Layer.provide(
    LibsqlClient.layerConfig({ url: Config.withDefault(Config.string("DATABASE_URL"), "file:campaigns.db") })
  ),
  Layer.provide(InvitationsHttp.layerConfig()),
  Layer.provide(NodeHttpClient.layerUndici)
)

/** Performs one slice of every due campaign. A scheduled function of a platform exports an effect like this one. */
const tick = Effect.gen(function*() {
  const campaigns = yield* InviteCampaigns.InviteCampaigns
  const slices = yield* campaigns.runDue
  yield* Console.log(`slices: ${slices}`)
})

tick.pipe(Effect.provide(CampaignsLive), NodeRuntime.runMain)
