/**
 * The Invitations API on this machine, for tests and for development without an account: the same store as the in-memory
 * layer, served over HTTP below `/v1`, with its OpenAPI document at `/openapi.json`.
 *
 * @since 0.1.0
 */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import { ClerkApi } from "./ClerkApi.js"
import * as authorization from "./internal/authorization.js"
import * as handlers from "./internal/handlers.js"
import * as instance from "./internal/instance.js"
import { InvitationsControl } from "./InvitationsControl.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options extends instance.Options {
  /**
   * The one key that is accepted. Without it, every `sk_test_…` is.
   */
  readonly secretKey?: Redacted.Redacted | undefined
}

// By Effect's clock, like the times of the invitations: whoever compares the two must not find them years apart in a test.
const withDate = <E, R>(app: HttpApp.Default<E, R>): HttpApp.Default<E, R> =>
  HttpApp.withPreResponseHandler(
    app,
    (_, response) =>
      Effect.map(DateTime.now, (now) =>
        HttpServerResponse.setHeader(response, "date", DateTime.toDateUtc(now).toUTCString()))
  )

const api = (clerk: instance.Instance, options: Options) =>
  Layer.mergeAll(
    HttpApiBuilder.middleware(ClerkApi, handlers.queryErrors(clerk)),
    HttpApiBuilder.middlewareOpenApi({ path: "/openapi.json" })
  ).pipe(
    Layer.provideMerge(HttpApiBuilder.api(ClerkApi)),
    Layer.provide(handlers.layer(clerk)),
    Layer.provide(authorization.layer(clerk, options.secretKey))
  )

/**
 * Serves the emulator on whichever server is provided, and supplies the control that plays the world around it.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { ClerkEmulator } from "@effect-clerk/http"
 * import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
 * import { Layer } from "effect"
 * import { createServer } from "node:http"
 *
 * const EmulatorLive = ClerkEmulator.layer().pipe(
 *   Layer.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 4010 }))
 * )
 *
 * NodeRuntime.runMain(Layer.launch(EmulatorLive))
 * ```
 */
export const layer = (options: Options = {}): Layer.Layer<InvitationsControl, never, HttpServer.HttpServer> =>
  Layer.unwrapScoped(
    Effect.map(instance.make(options), (clerk) =>
      HttpApiBuilder.serve(withDate).pipe(
        Layer.provide(api(clerk, options)),
        Layer.provide(HttpServer.layerContext),
        Layer.merge(Layer.succeed(InvitationsControl, clerk.control))
      ))
  )
