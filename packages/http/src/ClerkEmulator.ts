/**
 * An HTTP server that emulates Clerk's Invitations API, for tests and for development without an account. It serves the
 * store of the in-memory layer below `/v1`, a page that shows and controls it at `/`, the OpenAPI document at
 * `/openapi.json`, and API documentation at `/docs`.
 *
 * @since 0.1.0
 */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as HttpServer from "@effect/platform/HttpServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import { EmulatorApi } from "./EmulatorApi.js"
import * as Authorization from "./internal/emulator/authorization.js"
import * as BodyLimit from "./internal/emulator/bodyLimit.js"
import * as ClerkHandlers from "./internal/emulator/clerkHandlers.js"
import * as ControlHandlers from "./internal/emulator/controlHandlers.js"
import * as Instances from "./internal/emulator/instances.js"
import * as Middleware from "./internal/emulator/middleware.js"
import * as Routes from "./internal/emulator/page/routes.js"
import * as SameOrigin from "./internal/emulator/sameOrigin.js"
import * as TicketRoutes from "./internal/emulator/ticketRoutes.js"
import * as UserHandlers from "./internal/emulator/userHandlers.js"
import { InvitationsControl } from "./InvitationsControl.js"
import type * as InvitationsMemory from "./InvitationsMemory.js"

/**
 * The options of the emulator.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends InvitationsMemory.Options {
  /**
   * The only accepted secret key. By default every key that begins with `sk_test_` is accepted.
   */
  readonly secretKey?: Redacted.Redacted | undefined
  /**
   * Whether each secret key has a store, rate limits, faults and a request log of its own, so that parallel test suites
   * with different keys share an emulator. The first request with a key creates its store. The `Authorization` header of
   * a request to a control endpoint selects the store too. Requests without an accepted key, the page among them, and the
   * `InvitationsControl` that the layer provides, use a further store. Defaults to `false`.
   */
  readonly storePerKey?: boolean | undefined
  /**
   * Host names, without a port, under which the emulator may be reached, for example the name of its container.
   * `localhost` and IP addresses are always allowed. Requests under another name are rejected with 403, because a web
   * site can point its own name at this machine (DNS rebinding). `"*"` allows every name. Defaults to none.
   */
  readonly allowedHosts?: ReadonlyArray<string> | undefined
  /**
   * The origin of the accept links: how the browsers of the invited people reach the emulator, for example behind the port
   * mapping of a container. Defaults to the address on which the server listens.
   */
  readonly publicUrl?: string | undefined
}

const api = (instances: Instances.Instances, { secretKey }: Options, isAllowed: SameOrigin.HostCheck) =>
  Layer.mergeAll(
    HttpApiBuilder.middleware(EmulatorApi, ClerkHandlers.queryErrors(instances)),
    HttpApiBuilder.middleware(EmulatorApi, Authorization.middleware(instances, secretKey)),
    Routes.layer(isAllowed),
    TicketRoutes.layer(instances, isAllowed)
  ).pipe(
    Layer.provideMerge(HttpApiBuilder.api(EmulatorApi)),
    Layer.provide(ClerkHandlers.layer(instances)),
    Layer.provide(UserHandlers.layer(instances)),
    Layer.provide(ControlHandlers.layer(instances, secretKey === undefined)),
    Layer.provide([Authorization.layer, SameOrigin.layer(isAllowed)])
  )

const middleware = (instances: Instances.Instances, isAllowed: SameOrigin.HostCheck) =>
<E, R>(
  app: HttpApp.Default<E, R>
): HttpApp.Default<E, R> =>
  app.pipe(
    Middleware.withHostCheck(instances, isAllowed),
    BodyLimit.middleware(instances),
    Middleware.withTraceId(instances),
    Routes.withHeaders,
    Middleware.withRequestLog(instances),
    Middleware.withDate,
    Middleware.withUpgradeIgnored
  )

// A server that listens on all addresses is reached by the loopback address on the same machine.
const urlOf = (address: HttpServer.Address): string => {
  if (address._tag === "UnixAddress") return "http://localhost"
  const { hostname, port } = address
  if (hostname === "0.0.0.0" || hostname === "::") return `http://localhost:${port}`
  return `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`
}

/**
 * Serves the emulator on the provided server, and provides the control of its store.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import * as ClerkEmulator from "@effect-clerk/http/ClerkEmulator"
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
    Effect.gen(function*() {
      const { address } = yield* HttpServer.HttpServer
      const instances = yield* Instances.make(options, (options.publicUrl ?? urlOf(address)).replace(/\/+$/, ""))
      const isAllowed = SameOrigin.hostCheck(options.allowedHosts ?? [])
      return HttpApiBuilder.serve(middleware(instances, isAllowed)).pipe(
        // Otherwise an application's traces would contain the emulator's server spans, including e-mail addresses.
        HttpMiddleware.withTracerDisabledWhen(() => true),
        Layer.provide(api(instances, options, isAllowed)),
        Layer.provide(HttpServer.layerContext),
        // `HttpApiBuilder` keeps one router and one list of middleware for all layers that are built together. An `HttpApi`
        // of the application must not share them.
        Layer.fresh,
        Layer.merge(Layer.succeed(InvitationsControl, instances.shared.control))
      )
    })
  )
