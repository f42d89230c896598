/**
 * The Invitations API on this machine, for tests and for development without an account: the same store as the in-memory
 * layer, served over HTTP below `/v1`. In a browser it is a page to look at, at `/`; its OpenAPI document is at `/openapi.json`, and
 * rendered at `/docs`.
 *
 * @since 0.1.0
 */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpApp from "@effect/platform/HttpApp"
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import { EmulatorApi } from "./EmulatorApi.js"
import * as Authorization from "./internal/emulator/authorization.js"
import * as ClerkHandlers from "./internal/emulator/clerkHandlers.js"
import * as ControlHandlers from "./internal/emulator/controlHandlers.js"
import * as Instance from "./internal/emulator/instance.js"
import * as Routes from "./internal/emulator/page/routes.js"
import { isOwnPath } from "./internal/emulator/sameOrigin.js"
import * as SameOrigin from "./internal/emulator/sameOrigin.js"
import { InvitationsControl } from "./InvitationsControl.js"

/**
 * The key that the emulator lets in, and what it can be told from the start.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends Instance.Options {
  /**
   * The one key that is accepted. Without it, every `sk_test_…` is.
   */
  readonly secretKey?: Redacted.Redacted | undefined
}

// Here rather than in the handlers, so that what never gets to them is seen as well: a wrong key, a path that there is not. The
// date is by Effect's clock, like the times of the invitations: whoever compares the two must not find them years apart in a test.
const withJournal =
  ({ requestLog: journal }: Instance.Instance) => <E, R>(app: HttpApp.Default<E, R>): HttpApp.Default<E, R> =>
    Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
      isOwnPath(request.url)
        ? Routes.withHeaders(app)
        : Effect.clockWith((clock) => {
          journal.arrived(request, clock.unsafeCurrentTimeMillis())
          return app
        })).pipe(HttpApp.withPreResponseHandler((request, response) =>
          Effect.clockWith((clock) => {
            const now = clock.unsafeCurrentTimeMillis()
            if (!isOwnPath(request.url)) journal.answered(request, response, now)
            return Effect.succeed(HttpServerResponse.setHeader(response, "date", new Date(now).toUTCString()))
          })
        ))

const api = (clerk: Instance.Instance, { secretKey }: Options) =>
  Layer.mergeAll(
    HttpApiBuilder.middleware(EmulatorApi, ClerkHandlers.queryErrors(clerk)),
    Routes.layer
  ).pipe(
    Layer.provideMerge(HttpApiBuilder.api(EmulatorApi)),
    Layer.provide(ClerkHandlers.layer(clerk)),
    Layer.provide(ControlHandlers.layer(clerk, secretKey === undefined)),
    Layer.provide([Authorization.layer(clerk, secretKey), SameOrigin.layer])
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
      Instance.make(options),
      (clerk) =>
        HttpApiBuilder.serve(withJournal(clerk)).pipe(
          // Whoever traces their application would find the emulator in between, and addresses with it.
          HttpMiddleware.withTracerDisabledWhen(() => true),
          Layer.provide(api(clerk, options)),
          Layer.provide(HttpServer.layerContext),
          Layer.merge(Layer.succeed(InvitationsControl, clerk.control))
        )
    )
  )
