// Calls the instances of many tenants twice, 32 tenants at a time; prints the connections, the CPU times and the used heap.
import { InvitationsService } from "@effect-clerk/core/InvitationsService"
import * as InvitationsHttp from "@effect-clerk/http/InvitationsHttp"
import * as InvitationsTenants from "@effect-clerk/http/InvitationsTenants"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { subscribe } from "node:diagnostics_channel"
import { parseArgs } from "node:util"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "" },
    /** `tenants`, or `layers` for a layer with a client of its own per call. */
    way: { type: "string", default: "tenants" },
    count: { type: "string", default: "1000" }
  }
})

let connections = 0
subscribe("undici:client:connected", () => {
  connections++
})

setFlagsFromString("--expose-gc")
const collect: unknown = runInNewContext("gc")
const usedHeap = Effect.sync(() => {
  if (typeof collect !== "function") throw new Error("cannot collect garbage")
  Reflect.apply(collect, undefined, [])
  return process.memoryUsage().heapUsed / 1024
})

const cpuMillis = Effect.sync(() => {
  const { system, user } = process.cpuUsage()
  return (system + user) / 1000
})

const options = (tenant: number): InvitationsHttp.Options => ({
  apiUrl: values.url,
  secretKey: Redacted.make(`sk_test_${tenant}`)
})

const tenants = Array.from({ length: Number(values.count) }, (_, tenant) => tenant)

const callAll = (layerOf: (tenant: number) => Layer.Layer<InvitationsService, unknown>) =>
  Effect.forEach(
    tenants,
    (tenant) =>
      Effect.provide(
        Effect.flatMap(InvitationsService, (invitations) => invitations.list({ limit: 1 })),
        layerOf(tenant)
      ),
    { concurrency: 32, discard: true }
  )

const measure = (layerOf: (tenant: number) => Layer.Layer<InvitationsService, unknown>) =>
  Effect.gen(function*() {
    const heap = yield* usedHeap
    const connectionsBefore = connections
    const start = yield* cpuMillis
    yield* callAll(layerOf)
    const first = (yield* cpuMillis) - start
    const kept = (yield* usedHeap) - heap
    const restart = yield* cpuMillis
    yield* callAll(layerOf)
    const second = (yield* cpuMillis) - restart
    return { connections: connections - connectionsBefore, first, second, kept }
  })

const run = values.way === "layers"
  ? measure((tenant) => InvitationsHttp.layer(options(tenant)).pipe(Layer.provide(NodeHttpClient.layerUndici)))
  : Effect.flatMap(InvitationsTenants.make({ options }), ({ get }) => measure(get)).pipe(
    Effect.provide(NodeHttpClient.layerUndici)
  )

// The first run warms up.
console.log(JSON.stringify(await Effect.runPromise(Effect.zipRight(run, run))))
