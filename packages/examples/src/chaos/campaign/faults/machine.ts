/**
 * A process that works on campaigns until it is ended. It prints a line once it works.
 */
import { InvitationsHttp } from "@effect-clerk/http"
import * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
import * as InviteCampaignsSql from "@effect-clerk/http/InviteCampaignsSql"
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { PgClient } from "@effect/sql-pg"
import { Clock, Config, Console, Effect, Layer, Logger, LogLevel, Redacted } from "effect"
import { timingOf } from "./settings.js"

const settings = Config.all({
  apiUrl: Config.string("API_URL"),
  database: Config.string("DATABASE"),
  name: Config.string("MACHINE"),
  isShort: Config.boolean("SHORT"),
  /** How much later than the time of this computer the clock of the machine is, in milliseconds. */
  clock: Config.integer("CLOCK").pipe(Config.withDefault(0))
})

const lateBy = (millis: number): Clock.Clock => {
  const clock = Clock.make()
  const unsafeCurrentTimeMillis = () => clock.unsafeCurrentTimeMillis() + millis
  const unsafeCurrentTimeNanos = () => clock.unsafeCurrentTimeNanos() + BigInt(millis) * 1_000_000n
  return {
    ...clock,
    sleep: clock.sleep,
    unsafeCurrentTimeMillis,
    unsafeCurrentTimeNanos,
    currentTimeMillis: Effect.sync(unsafeCurrentTimeMillis),
    currentTimeNanos: Effect.sync(unsafeCurrentTimeNanos)
  }
}

const program = Effect.gen(function*() {
  const { apiUrl, clock, database, isShort, name } = yield* settings
  const { attempt, every, options } = timingOf(isShort)
  const Invitations = InvitationsHttp.layer({
    apiUrl,
    secretKey: Redacted.make("sk_test_chaos"),
    timeout: { attempt }
  }).pipe(Layer.provide(NodeHttpClient.layerUndici))
  const Campaigns = InviteCampaigns.layerPoller({ every }).pipe(
    Layer.provideMerge(InviteCampaignsSql.layer(options)),
    // The name says in the database which process has a lease.
    Layer.provide(
      PgClient.layer({
        url: Redacted.make(database),
        maxConnections: 5,
        applicationName: `${name}:${process.pid}`
      })
    ),
    Layer.provide(Invitations)
  )
  yield* Console.log("ready").pipe(
    Effect.zipRight(Effect.never),
    Effect.provide(Campaigns),
    Effect.withClock(lateBy(clock))
  )
}).pipe(Logger.withMinimumLogLevel(LogLevel.Error))

NodeRuntime.runMain(program)
