import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpApp from "@effect/platform/HttpApp"
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Effect from "effect/Effect"
import { ClerkApi } from "../../../ClerkApi.js"
import { isLocal, pathOf } from "../sameOrigin.js"
import { css } from "./css.js"
import { html } from "./html.js"
import { icon } from "./icon.js"
import { script } from "./script.js"

const policy = (...directives: ReadonlyArray<string>): string =>
  ["default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", ...directives].join("; ")

// Nothing from anywhere else, nothing inline, and no string becomes HTML or script.
const pagePolicy = policy(
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "require-trusted-types-for 'script'"
)

// Swagger UI comes with its script and styles inline. What they could leak has nowhere to go.
const referencePolicy = policy(
  "script-src 'unsafe-inline'",
  "style-src 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src data:",
  "connect-src 'self'"
)

/**
 * What keeps browsers from doing more with the page than it needs. Clerk's own endpoints answer as Clerk does.
 */
export const withHeaders = <E, R>(app: HttpApp.Default<E, R>): HttpApp.Default<E, R> =>
  HttpApp.withPreResponseHandler(app, ({ url }, response) =>
    Effect.succeed(HttpServerResponse.setHeaders(response, {
      "cache-control": "no-store",
      "content-security-policy": pathOf(url) === "/docs" ? referencePolicy : pagePolicy,
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff"
    })))

// Loaded when it is first asked for: it is two megabytes, and most emulators are never looked at.
const reference = Effect.promise(() => import("@effect/platform/HttpApiSwagger")).pipe(
  Effect.flatMap((Swagger) =>
    HttpLayerRouter.toHttpEffect(Swagger.layerHttpLayerRouter({ api: ClerkApi, path: "/docs" }))
  ),
  Effect.flatten
)

const foreign = HttpServerResponse.text(
  "The emulator is looked at under the name of this machine: localhost, or its address.\n",
  { status: 403 }
)

/**
 * The page, what belongs to it, and the documents of the API.
 */
export const layer = HttpApiBuilder.Router.use((router) =>
  Effect.gen(function*() {
    const document = yield* Effect.orDie(HttpServerResponse.json(OpenApi.fromApi(ClerkApi)))
    // The page shows everything that the control does.
    const page = HttpServerResponse.text(html, { contentType: "text/html; charset=utf-8" })
    yield* router.get(
      "/",
      Effect.map(HttpServerRequest.HttpServerRequest, ({ headers }) => isLocal(headers) ? page : foreign)
    )
    yield* router.get("/_emulator/page.css", HttpServerResponse.text(css, { contentType: "text/css; charset=utf-8" }))
    yield* router.get(
      "/_emulator/page.js",
      HttpServerResponse.text(script, { contentType: "text/javascript; charset=utf-8" })
    )
    for (const path of ["/_emulator/icon.svg", "/favicon.ico"] as const) {
      yield* router.get(path, HttpServerResponse.text(icon, { contentType: "image/svg+xml" }))
    }
    yield* router.get("/openapi.json", document)
    yield* router.get("/docs", reference)
  })
)
