// Runs the suites on Node, Bun or Deno. The argument is the client: `fetch`, `undici` or `node`.
import { FetchHttpClient } from "@effect/platform"
import { NodeHttpClient, NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { createServer } from "node:http"
import * as Environment from "./environment.js"
import { offline } from "./offline.js"
import { print, run } from "./runner.js"

const clients = { fetch: FetchHttpClient.layer, undici: NodeHttpClient.layerUndici, node: NodeHttpClient.layer }

const isClient = (name: string): name is keyof typeof clients => name in clients

const [, , name = "fetch"] = process.argv

if (!isClient(name)) throw new Error(`there is no client ${name}`)

// Deno keeps the connection of an aborted request open, and the server would wait for it.
const server = Layer.suspend(() => {
  const server = createServer()
  return Layer.scopedDiscard(Effect.addFinalizer(() => Effect.sync(() => server.closeAllConnections()))).pipe(
    Layer.provideMerge(NodeHttpServer.layerServer(() => server, { host: "127.0.0.1", port: 0 })),
    Layer.orDie
  )
})

const client = clients[name]

print(await run(Environment.make({ server, client, turns: 40 }), { more: { offline: offline(client) } }))
process.exit(0)
