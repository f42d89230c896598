// Runs the suites on Bun, with the emulator on Bun's own server.
import { FetchHttpClient } from "@effect/platform"
import { BunHttpServer } from "@effect/platform-bun"
import { Layer } from "effect"
import * as Environment from "./environment.js"
import { offline } from "./offline.js"
import { print, run } from "./runner.js"

const server = BunHttpServer.layerServer({ hostname: "127.0.0.1", port: 0 }).pipe(Layer.orDie)

const client = FetchHttpClient.layer

print(await run(Environment.make({ server, client, turns: 40 }), { more: { offline: offline(client) } }))
process.exit(0)
