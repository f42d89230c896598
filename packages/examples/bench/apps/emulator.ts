// Serves the emulator with short windows, for one campaign on another process.
import * as ClerkEmulator from "@effect-clerk/http/ClerkEmulator"
import { HttpServer } from "@effect/platform"
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { createServer } from "node:http"
import { limits } from "./shortWindows.js"

const Emulator = ClerkEmulator.layer({ rateLimits: limits }).pipe(
  Layer.provideMerge(NodeHttpServer.layerServer(() => createServer(), { host: "127.0.0.1", port: 0 }))
)

const listening = HttpServer.addressFormattedWith((address) => Console.log(`listening on ${address}`))

NodeRuntime.runMain(Effect.provide(Effect.zipRight(listening, Effect.never), Emulator))
