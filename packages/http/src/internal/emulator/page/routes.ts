import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpApp from "@effect/platform/HttpApp"
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Effect from "effect/Effect"
import { ClerkApi } from "../../../ClerkApi.js"
import { type HostCheck, isOwnPath, isVisited, pathOf } from "../sameOrigin.js"
import { css } from "./css.js"
import { html } from "./html.js"
import { icon } from "./icon.js"
import { script } from "./script.js"

const policy = (...directives: ReadonlyArray<string>): string =>
  ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", ...directives].join("; ")

// Allows neither other origins nor inline code, and no string can become HTML or script.
const pagePolicy = policy(
  "form-action 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "require-trusted-types-for 'script'"
)

// The sign-up page has no script; its button submits a form.
const signUpPolicy = policy("form-action 'self'", "style-src 'self'", "img-src 'self'")

// Swagger UI has inline scripts and styles. `connect-src` keeps them from sending data to other origins.
const referencePolicy = policy(
  "form-action 'none'",
  "script-src 'unsafe-inline'",
  "style-src 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src data:",
  "connect-src 'self'"
)

const policyOf = (url: string): string =>
  isVisited(url) ? signUpPolicy : pathOf(url) === "/docs" ? referencePolicy : pagePolicy

/**
 * Middleware that sets the security headers of the page, its files and the control endpoints. Responses of Clerk's
 * endpoints are unchanged.
 */
export const withHeaders = <E, R>(app: HttpApp.Default<E, R>): HttpApp.Default<E, R> =>
  HttpApp.withPreResponseHandler(app, ({ url }, response) =>
    Effect.succeed(
      isOwnPath(url) || isVisited(url)
        ? HttpServerResponse.setHeaders(response, {
          "cache-control": "no-store",
          "content-security-policy": policyOf(url),
          "cross-origin-resource-policy": "same-origin",
          // With no-referrer, a form of the page would be sent with `Origin: null`.
          "referrer-policy": isVisited(url) ? "same-origin" : "no-referrer",
          "x-content-type-options": "nosniff"
        })
        : response
    ))

// Imported on the first request, because it has two megabytes.
const reference = Effect.promise(() => import("@effect/platform/HttpApiSwagger")).pipe(
  Effect.flatMap((Swagger) =>
    HttpLayerRouter.toHttpEffect(Swagger.layerHttpLayerRouter({ api: ClerkApi, path: "/docs" }))
  ),
  Effect.flatten
)

const hostRejected = HttpServerResponse.text(
  "Open the emulator at localhost, an IP address or an allowed host; other host names are rejected.\n",
  { status: 403 }
)

/**
 * The routes of the page, its files, the OpenAPI document and the API documentation.
 */
export const layer = (isAllowed: HostCheck) =>
  HttpApiBuilder.Router.use((router) =>
    Effect.gen(function*() {
      const document = yield* Effect.orDie(HttpServerResponse.json(OpenApi.fromApi(ClerkApi)))
      const page = HttpServerResponse.text(html, { contentType: "text/html; charset=utf-8" })
      yield* router.get(
        "/",
        Effect.map(HttpServerRequest.HttpServerRequest, ({ headers }) => isAllowed(headers) ? page : hostRejected)
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
