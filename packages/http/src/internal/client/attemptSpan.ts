import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberRefs from "effect/FiberRefs"
import { constVoid } from "effect/Function"
import type * as Tracer from "effect/Tracer"
import type { AttemptFailure } from "./attemptFailure.js"
import type { Attempt, Request } from "./transport.js"

const port = (url: URL): { readonly "server.port"?: number } =>
  url.port === "" ? {} : { "server.port": Number(url.port) }

// Keeps the names of the query parameters, but not their values, because one of them may be an address.
const redactedPath = ({ path, search }: Request): string =>
  search === undefined ? path : `${path}?${search.replace(/=[^&]*/g, "=REDACTED")}`

// The request that the platform's switches decide about: without the secret key and the values of the query.
const redactedRequest = (request: Request, baseUrl: string): HttpClientRequest.HttpClientRequest =>
  HttpClientRequest.make(request.method)(`${baseUrl}${redactedPath(request)}`)

const neverDisabled = FiberRefs.getOrDefault(FiberRefs.empty(), HttpClient.currentTracerDisabledWhen)

/**
 * Runs an attempt in a client span of its own, with OpenTelemetry's names for HTTP. The caller ends the span.
 *
 * Obeys the platform's switches for the region of code of the fiber: `HttpClient.currentTracerDisabledWhen` and
 * `HttpClient.SpanNameGenerator`.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 */
export type WithSpan = <A, E>(
  fiber: Fiber.RuntimeFiber<unknown, unknown>,
  request: Request,
  attempt: Pick<Attempt, "index">,
  run: (span: Tracer.Span) => Effect.Effect<A, E>
) => Effect.Effect<A, E>

export const make = (baseUrl: string): WithSpan => {
  const url = new URL(baseUrl)
  const server = {
    "server.address": url.hostname,
    ...port(url),
    "url.scheme": url.protocol.slice(0, -1)
  }

  const start = (
    request: Request,
    index: number,
    name = `${request.method} ${url.pathname}${request.template}`
  ): Effect.Effect<Tracer.Span> =>
    Effect.makeSpan(name, {
      kind: "client",
      captureStackTrace: false,
      attributes: {
        "http.request.method": request.method,
        "url.full": `${baseUrl}${redactedPath(request)}`,
        "url.template": `${url.pathname}${request.template}`,
        ...server,
        ...(index > 0 ? { "http.request.resend_count": index } : {})
      }
    })

  return (fiber, request, { index }, run) => {
    const isDisabled = fiber.getFiberRef(HttpClient.currentTracerDisabledWhen)
    const context = fiber.currentContext
    const hasGenerator = context.unsafeMap.has(HttpClient.SpanNameGenerator.key)
    if (isDisabled === neverDisabled && !hasGenerator) return Effect.flatMap(start(request, index), run)
    const redacted = redactedRequest(request, baseUrl)
    const name = hasGenerator ? Context.get(context, HttpClient.SpanNameGenerator)(redacted) : undefined
    const effect = Effect.flatMap(start(request, index, name), run)
    return isDisabled(redacted) ? Effect.withTracerEnabled(effect, false) : effect
  }
}

/**
 * Ends the span of an attempt.
 */
export const end = (span: Tracer.Span, clock: Clock.Clock, exit: Exit.Exit<unknown, AttemptFailure>): void =>
  span.end(
    clock.unsafeCurrentTimeNanos(),
    Exit.mapBoth(exit, {
      // Without the value, which would live as long as the span (bench row "list-in-turn").
      onSuccess: constVoid,
      onFailure: ({ error }) => {
        span.attribute("error.type", "status" in error ? String(error.status) : error._tag)
        return error
      }
    })
  )
