import type { InvitationAttempts, InvitationsService } from "@effect-clerk/core"
import { InvitationsHttp } from "@effect-clerk/http"
import * as ClerkEmulator from "@effect-clerk/http/ClerkEmulator"
import type { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import type { HttpMethod } from "@effect/platform"
import { HttpClient, HttpClientRequest, HttpServer } from "@effect/platform"
import { NodeHttpClient, NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer, Redacted } from "effect"
import { createServer } from "node:http"

/** The default secret key of the clients. By default the emulator accepts it. */
export const secretKey = Redacted.make("sk_test_emulator")

export interface Options {
  /** The options of the emulator. By default it accepts every `sk_test_…` and has no rate limits. */
  readonly emulator?: ClerkEmulator.Options | undefined
  /** The options of the client, without the URL of the emulator. */
  readonly client?: Omit<Partial<InvitationsHttp.Options>, "apiUrl"> | undefined
}

/** A server on a free port of the loopback interface. */
export const layerServer: Layer.Layer<HttpServer.HttpServer> = NodeHttpServer.layerServer(createServer, {
  host: "127.0.0.1",
  port: 0
}).pipe(Layer.orDie)

/** The emulator on a free port. */
export const layerEmulator = (
  options?: ClerkEmulator.Options
): Layer.Layer<InvitationsControl | HttpServer.HttpServer> =>
  Layer.provideMerge(ClerkEmulator.layer(options), layerServer)

/** The URL of the server, without `/v1`. */
export const apiUrl: Effect.Effect<string, never, HttpServer.HttpServer> = HttpServer.addressFormattedWith(
  Effect.succeed
)

/** The service over HTTP to the server. */
export const layerClient = (
  options: Options["client"] = {}
): Layer.Layer<InvitationsService | InvitationAttempts, never, HttpServer.HttpServer> =>
  Layer.unwrapEffect(
    Effect.map(apiUrl, (url) => InvitationsHttp.layer({ secretKey, ...options, apiUrl: url }))
  ).pipe(Layer.provide(NodeHttpClient.layerUndici), Layer.orDie)

/** The emulator on a free port, and the service over HTTP to it. */
export const layer = (
  options: Options = {}
): Layer.Layer<InvitationsService | InvitationAttempts | InvitationsControl | HttpServer.HttpServer> =>
  Layer.provideMerge(layerClient(options.client), layerEmulator(options.emulator))

/** The emulator on a free port, and an HTTP client for `send`, `call` and `request`. */
export const layerRaw = (
  options?: ClerkEmulator.Options
): Layer.Layer<InvitationsControl | HttpServer.HttpServer | HttpClient.HttpClient> =>
  Layer.mergeAll(layerEmulator(options), NodeHttpClient.layerUndici)

export interface RawResponse {
  readonly status: number
  readonly headers: { readonly [name: string]: string | undefined }
  readonly text: string
}

export interface RawOptions {
  /** A string is sent as it is, any other value as JSON. */
  readonly body?: unknown
  readonly headers?: { readonly [name: string]: string }
}

/** A request to the server, without a secret key. */
export const request = (
  method: HttpMethod.HttpMethod,
  path: string,
  { body, headers = {} }: RawOptions = {}
): Effect.Effect<HttpClientRequest.HttpClientRequest, never, HttpServer.HttpServer> =>
  Effect.map(apiUrl, (url) => {
    const request = HttpClientRequest.make(method)(`${url}${path}`, { headers })
    if (body === undefined) return request
    return typeof body === "string"
      ? HttpClientRequest.bodyText(request, body, headers["content-type"] ?? "application/json")
      : HttpClientRequest.bodyUnsafeJson(request, body)
  })

/** Sends a request without a secret key. */
export const send = (
  method: HttpMethod.HttpMethod,
  path: string,
  options?: RawOptions
): Effect.Effect<RawResponse, never, HttpClient.HttpClient | HttpServer.HttpServer> =>
  Effect.gen(function*() {
    const { headers, status, text } = yield* HttpClient.execute(yield* request(method, path, options))
    return { status, headers, text: yield* text }
  }).pipe(Effect.orDie)

/** Sends a request with the secret key. */
export const call = (method: HttpMethod.HttpMethod, path: string, body?: unknown) =>
  send(method, path, { headers: { authorization: `Bearer ${Redacted.value(secretKey)}` }, body })
