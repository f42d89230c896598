/**
 * The Invitations API on this machine, for tests and for development without an account: the same store as the in-memory
 * layer, served over HTTP below `/v1`. In a browser it is a page to look at, at `/`; its OpenAPI document is at `/openapi.json`, and
 * rendered at `/docs`.
 *
 * @since 0.1.0
 */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import { EmulatorApi } from "./EmulatorApi.js"
import * as authorization from "./internal/authorization.js"
import * as emulatorHandlers from "./internal/emulatorHandlers.js"
import * as handlers from "./internal/handlers.js"
import * as instance from "./internal/instance.js"
import { isOwnPath } from "./internal/ownPath.js"
import * as page from "./internal/page.js"
import * as sameOrigin from "./internal/sameOrigin.js"
import { InvitationsControl } from "./InvitationsControl.js"

/**
 * The key that the emulator lets in, and what it can be told from the start.
 *
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

// Here rather than in the handlers, so that what never gets to them is seen as well: a wrong key, a path that there is not.
const withJournal = ({ journal }: instance.Instance) => <E, R>(app: HttpApp.Default<E, R>): HttpApp.Default<E, R> =>
  Effect.gen(function*() {
    const request = yield* HttpServerRequest.HttpServerRequest
    if (isOwnPath(request.url)) return yield* app
    journal.arrived(request, yield* Clock.currentTimeMillis)
    yield* HttpApp.appendPreResponseHandler((_, response) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        journal.answered(request, response, now)
        return response
      })
    )
    return yield* app
  })

const api = (clerk: instance.Instance, { secretKey }: Options) =>
  Layer.mergeAll(
    HttpApiBuilder.middleware(EmulatorApi, handlers.queryErrors(clerk)),
    page.layer
  ).pipe(
    Layer.provideMerge(HttpApiBuilder.api(EmulatorApi)),
    Layer.provide(handlers.layer(clerk)),
    Layer.provide(emulatorHandlers.layer(clerk, secretKey === undefined ? "any test key" : "one key")),
    Layer.provide([authorization.layer(clerk, secretKey), sameOrigin.layer])
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
    Effect.map(
      instance.make(options),
      (clerk) =>
        HttpApiBuilder.serve((app) => withDate(page.withHeaders(withJournal(clerk)(app)))).pipe(
          Layer.provide(api(clerk, options)),
          Layer.provide(HttpServer.layerContext),
          Layer.merge(Layer.succeed(InvitationsControl, clerk.control))
        )
    )
  )
