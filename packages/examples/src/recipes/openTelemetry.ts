// Run it, beside an OpenTelemetry collector on port 4318 and npx -y pnpm@10 emulator, with:
// npx -y pnpm@10 tsx packages/examples/src/recipes/openTelemetry.ts
// and the environment CLERK_SECRET_KEY=sk_test_local CLERK_API_URL=http://127.0.0.1:4010
import { InvitationsService } from "@effect-clerk/core"
import { InvitationsHttp } from "@effect-clerk/http"
import { Otlp } from "@effect/opentelemetry"
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Config, Effect, Layer, Stream } from "effect"
import { pathToFileURL } from "node:url"

/** Sends spans, metrics and logs to the collector at this URL. The layer flushes the rest when it is released. */
export const telemetry = (baseUrl: string) =>
  Otlp.layerJson({ baseUrl, resource: { serviceName: "invitations-example" } })

export const program = Effect.gen(function*() {
  const invitations = yield* InvitationsService
  const { id } = yield* invitations.ensure({ emailAddress: "ada@example.com" })
  const pending = yield* Stream.runCount(invitations.stream({ status: "pending" }))
  yield* Effect.log(`${pending} pending`)
  yield* invitations.revoke(id)
}).pipe(Effect.withSpan("invite Ada"))

const Live = Layer.unwrapEffect(
  Effect.map(Config.withDefault(Config.string("OTEL_EXPORTER_OTLP_ENDPOINT"), "http://127.0.0.1:4318"), telemetry)
).pipe(
  Layer.merge(InvitationsHttp.layerConfig()),
  Layer.provide(NodeHttpClient.layerUndici)
)

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  program.pipe(Effect.provide(Live), NodeRuntime.runMain)
}
