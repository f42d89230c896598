// Run it, beside npx -y pnpm@10 emulator, with: npx -y pnpm@10 tsx packages/examples/src/recipes/campaign/inviteAll.ts
// and the environment CLERK_SECRET_KEY=sk_test_local CLERK_API_URL=http://127.0.0.1:4010. Stop it at any moment, also with
// kill -9, and run it again: it continues.
import { InvitationsHttp } from "@effect-clerk/http"
import * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
import * as InviteCampaignsSql from "@effect-clerk/http/InviteCampaignsSql"
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { LibsqlClient } from "@effect/sql-libsql"
import { Config, Console, Effect, Layer, Stream } from "effect"

const program = Effect.gen(function*() {
  const campaigns = yield* InviteCampaigns.InviteCampaigns
  const people = ["ada@example.com", "grace@example.com"].map((emailAddress) => ({ emailAddress }))
  yield* campaigns.start({ id: "spring", people })
  yield* Stream.runForEach(
    campaigns.watch("spring"),
    ({ done, state, total }) => Console.log(`${state}: ${done} of ${total}`)
  )
})

// Works on all campaigns of the database for as long as it is provided.
const CampaignsLive = InviteCampaigns.layerPoller().pipe(
  Layer.provideMerge(InviteCampaignsSql.layer()),
  Layer.provide(
    LibsqlClient.layerConfig({ url: Config.withDefault(Config.string("DATABASE_URL"), "file:campaigns.db") })
  ),
  Layer.provide(InvitationsHttp.layerConfig()),
  Layer.provide(NodeHttpClient.layerUndici)
)

program.pipe(Effect.provide(CampaignsLive), NodeRuntime.runMain)
