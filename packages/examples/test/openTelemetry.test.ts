import { InvitationsHttp } from "@effect-clerk/http"
import * as ClerkEmulator from "@effect-clerk/http/ClerkEmulator"
import { HttpServer } from "@effect/platform"
import { NodeHttpClient, NodeHttpServer } from "@effect/platform-node"
import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual } from "@effect/vitest/utils"
import { Effect, Layer, Redacted, Schema } from "effect"
import { createServer } from "node:http"
import { program, telemetry } from "../src/recipes/openTelemetry.js"

const Attribute = Schema.Struct({ key: Schema.String, value: Schema.Unknown })

const Traces = Schema.parseJson(Schema.Struct({
  resourceSpans: Schema.Array(Schema.Struct({
    scopeSpans: Schema.Array(Schema.Struct({
      spans: Schema.Array(Schema.Struct({
        name: Schema.String,
        spanId: Schema.String,
        parentSpanId: Schema.optional(Schema.String),
        attributes: Schema.Array(Attribute)
      }))
    }))
  }))
}))

const decodeTraces = Schema.decode(Traces)

// A collector that records the requests it receives.
const makeCollector = Effect.gen(function*() {
  const received = new Map<string, Array<string>>()
  const server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const path = request.url ?? ""
      received.set(path, [...received.get(path) ?? [], Buffer.concat(chunks).toString()])
      response.writeHead(200, { "content-type": "application/json" }).end("{}")
    })
  })
  const port = yield* Effect.acquireRelease(
    Effect.async<number>((resume) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0))
      })
    }),
    () => Effect.sync(() => server.close())
  )
  return { url: `http://127.0.0.1:${port}`, received }
})

const Emulator = Layer.provideMerge(
  ClerkEmulator.layer(),
  NodeHttpServer.layerServer(createServer, { host: "127.0.0.1", port: 0 })
)

const Client = Layer.unwrapEffect(
  Effect.map(
    HttpServer.addressFormattedWith(Effect.succeed),
    (apiUrl) => InvitationsHttp.layer({ secretKey: Redacted.make("sk_test_otlp"), apiUrl })
  )
).pipe(Layer.provide(NodeHttpClient.layerUndici), Layer.provide(Emulator))

describe("the OpenTelemetry example", () => {
  it.scopedLive("exports a span per call with a child per attempt, and the metrics, without an address", () =>
    Effect.gen(function*() {
      const { received, url } = yield* makeCollector
      yield* program.pipe(
        Effect.provide(Layer.merge(Client, Layer.provide(telemetry(url), NodeHttpClient.layerUndici)))
      )
      const traces = yield* Effect.forEach(received.get("/v1/traces") ?? [], (body) => decodeTraces(body))
      const spans = traces.flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((_) => _.spans))
      )
      const childrenOf = (name: string) => {
        const parents = spans.filter((span) => span.name === name).map(({ spanId }) => spanId)
        return spans.filter(({ parentSpanId }) => parents.includes(parentSpanId ?? "")).map((span) => span.name).sort()
      }
      deepStrictEqual(childrenOf("invite Ada"), [
        "InvitationsService.ensure",
        "InvitationsService.revoke",
        "InvitationsService.stream"
      ])
      deepStrictEqual(childrenOf("InvitationsService.ensure"), ["GET /v1/invitations", "POST /v1/invitations"])
      deepStrictEqual(childrenOf("InvitationsService.revoke"), ["POST /v1/invitations/{invitation_id}/revoke"])
      const attempt = spans.find(({ name }) => name === "GET /v1/invitations")
      assertTrue(attempt?.attributes.some(({ key }) => key === "http.request.method") === true)
      assertTrue(attempt.attributes.some(({ key }) => key === "http.response.status_code"))
      const metrics = (received.get("/v1/metrics") ?? []).join("\n")
      for (const name of ["effect_clerk_requests_total", "effect_clerk_request_duration_milliseconds"]) {
        assertTrue(metrics.includes(name))
      }
      const all = [...received.values()].flat().join("\n")
      assertTrue(all.includes("1 pending"))
      for (const secret of ["ada@example.com", "ada%40example.com", "sk_test_otlp", "ticket="]) {
        assertTrue(!all.includes(secret), `${secret} was exported`)
      }
    }))
})
