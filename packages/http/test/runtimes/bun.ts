// Runs the suites on Bun, with the emulator on Bun's own server.
import { FetchHttpClient } from "@effect/platform"
import { BunHttpServer } from "@effect/platform-bun"
import { Layer } from "effect"
import * as Environment from "./environment.js"
import { print, run } from "./runner.js"

const server = BunHttpServer.layerServer({ hostname: "127.0.0.1", port: 0 }).pipe(Layer.orDie)

print(await run(Environment.make({ server, client: FetchHttpClient.layer, turns: 40 })))
process.exit(0)
