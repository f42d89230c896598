import type { InvitationsService } from "@effect-clerk/core"
import type { InvitationsControl } from "@effect-clerk/http"
import { ClerkEmulator, InvitationsHttp } from "@effect-clerk/http"
import { HttpServer } from "@effect/platform"
import { NodeHttpClient, NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer, Redacted } from "effect"
import { createServer } from "node:http"

/** The key that the emulator accepts, and that the client has, unless told otherwise. */
export const secretKey = Redacted.make("sk_test_emulator")

export interface Options {
  /** The emulator's; by default every `sk_test_…` is let in and there are no limits. */
  readonly emulator?: ClerkEmulator.Options | undefined
  /** The client's, but for where the emulator is. */
  readonly client?: Omit<Partial<InvitationsHttp.Options>, "apiUrl"> | undefined
}

/** A server on a free port of the loopback interface. */
export const layerServer: Layer.Layer<HttpServer.HttpServer> = NodeHttpServer.layerServer(createServer, {
  host: "127.0.0.1",
  port: 0
}).pipe(Layer.orDie)

/** The emulator on a free port, without a client. */
export const layerEmulator = (
  options?: ClerkEmulator.Options
): Layer.Layer<InvitationsControl | HttpServer.HttpServer> =>
  Layer.provideMerge(ClerkEmulator.layer(options), layerServer)

/** Where the server listens, without `/v1`. */
export const apiUrl: Effect.Effect<string, never, HttpServer.HttpServer> = HttpServer.addressFormattedWith(
  Effect.succeed
)

/** The service over HTTP, pointed at the server. */
export const layerClient = (
  options: Options["client"] = {}
): Layer.Layer<InvitationsService, never, HttpServer.HttpServer> =>
  Layer.unwrapEffect(
    Effect.map(apiUrl, (url) => InvitationsHttp.layer({ secretKey, ...options, apiUrl: url }))
  ).pipe(Layer.provide(NodeHttpClient.layerUndici), Layer.orDie)

/** The emulator on a free port, and the service over a real socket to it. */
export const layer = (
  options: Options = {}
): Layer.Layer<InvitationsService | InvitationsControl | HttpServer.HttpServer> =>
  Layer.provideMerge(layerClient(options.client), layerEmulator(options.emulator))
