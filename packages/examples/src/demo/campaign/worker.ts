// A worker of the demo: starts the campaign, or finds it started, and works on it until it ends.
import { InvitationsHttp } from "@effect-clerk/http"
import type { Campaign } from "@effect-clerk/http/InviteCampaign"
import * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
import * as InviteCampaignsSql from "@effect-clerk/http/InviteCampaignsSql"
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { LibsqlClient } from "@effect/sql-libsql"
import { Config, Console, Effect, Layer, Redacted, Stream } from "effect"
import { attemptTimeout, campaign, limits, timing } from "./settings.js"

const settings = Config.all({
  name: Config.string("WORKER"),
  apiUrl: Config.string("CLERK_API_URL"),
  database: Config.string("DATABASE_URL"),
  people: Config.integer("PEOPLE")
})

const progress = ({ counts, done, state, total }: Campaign): string =>
  `${state}, ${done} of ${total} people done${counts.sending > 0 ? `, ${counts.sending} posted` : ""}`

const program = Effect.gen(function*() {
  const { apiUrl, database, name, people } = yield* settings
  const Campaigns = InviteCampaigns.layerPoller({ every: "500 millis" }).pipe(
    Layer.provideMerge(InviteCampaignsSql.layer({ limits, ...timing })),
    Layer.provide(LibsqlClient.layer({ url: database })),
    Layer.provide(InvitationsHttp.layer({
      apiUrl,
      secretKey: Redacted.make("sk_test_demo"),
      timeout: { attempt: attemptTimeout }
    })),
    Layer.provide(NodeHttpClient.layerUndici)
  )
  const say = (line: string) => Console.log(`${name}: ${line}`)
  yield* Effect.gen(function*() {
    const campaigns = yield* InviteCampaigns.InviteCampaigns
    const { started } = yield* campaigns.start({
      id: campaign,
      people: Array.from({ length: people }, (_, index) => ({
        emailAddress: `person-${index + 1}@example.com`,
        publicMetadata: { campaign }
      }))
    })
    yield* say(started ? `started the campaign with ${people} people` : "found the campaign in the database")
    yield* Stream.runForEach(campaigns.watch(campaign, { every: "1 second" }), (now) => say(progress(now)))
  }).pipe(Effect.provide(Campaigns))
})

NodeRuntime.runMain(program)
