import type { InvitationsService } from "@effect-clerk/core"
import { InvitationsHttp } from "@effect-clerk/http"
import * as ClerkEmulator from "@effect-clerk/http/ClerkEmulator"
import { type InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { HttpServer } from "@effect/platform"
import { NodeHttpClient, NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer, Redacted } from "effect"
import { createServer } from "node:http"
import * as Programs from "../../http/test/utils/programs.js"
import { programs } from "./globalSetup.js"

/** The bundled recipes as processes. `file` is below `src`. */
export const { run, start } = Programs.make(programs)

/**
 * An emulator on a free port, its control, and the server, which knows its address.
 */
export const Emulator = ClerkEmulator.layer().pipe(
  Layer.provideMerge(NodeHttpServer.layerServer(() => createServer(), { host: "127.0.0.1", port: 0 })),
  Layer.orDie
)

/**
 * The service over a real socket to an emulator, and the control of the emulator.
 */
export const Emulated: Layer.Layer<InvitationsService | InvitationsControl | HttpServer.HttpServer> = Layer
  .unwrapEffect(
    HttpServer.addressFormattedWith((apiUrl) =>
      Effect.succeed(InvitationsHttp.layer({ apiUrl, secretKey: Redacted.make("sk_test_any") }))
    )
  ).pipe(
    Layer.provide(NodeHttpClient.layerUndici),
    Layer.orDie,
    Layer.provideMerge(Emulator)
  )
