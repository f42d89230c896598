import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberRef from "effect/FiberRef"
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
 * Obeys the platform's switches for a region of code: `HttpClient.currentTracerDisabledWhen` and
 * `HttpClient.SpanNameGenerator`. `run` gets the generated name, or `undefined` without a generator.
 */
const withSwitches = <A, E>(
  request: Request,
  baseUrl: string,
  run: (name: string | undefined) => Effect.Effect<A, E>
): Effect.Effect<A, E> =>
  Effect.withFiberRuntime((fiber) => {
    const isDisabled = fiber.getFiberRef(HttpClient.currentTracerDisabledWhen)
    const context = fiber.getFiberRef(FiberRef.currentContext)
    const hasGenerator = context.unsafeMap.has(HttpClient.SpanNameGenerator.key)
    if (isDisabled === neverDisabled && !hasGenerator) return run(undefined)
    const redacted = redactedRequest(request, baseUrl)
    const effect = run(hasGenerator ? Context.get(context, HttpClient.SpanNameGenerator)(redacted) : undefined)
    return isDisabled(redacted) ? Effect.withTracerEnabled(effect, false) : effect
  })

/**
 * Makes the function that runs an attempt in its own client span, with OpenTelemetry's names for HTTP.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 */
export const make = (baseUrl: string) => {
  const url = new URL(baseUrl)
  const server = {
    "server.address": url.hostname,
    ...port(url),
    "url.scheme": url.protocol.slice(0, -1)
  }
  return <A>(
    request: Request,
    { index }: Attempt,
    attempt: (span: Tracer.Span) => Effect.Effect<A, AttemptFailure>
  ): Effect.Effect<A, AttemptFailure> =>
    withSwitches(request, baseUrl, (name) =>
      Effect.flatMap(
        Effect.makeSpan(name ?? `${request.method} ${url.pathname}${request.template}`, {
          kind: "client",
          captureStackTrace: false,
          attributes: {
            "http.request.method": request.method,
            "url.full": `${baseUrl}${redactedPath(request)}`,
            "url.template": `${url.pathname}${request.template}`,
            ...server,
            ...(index > 0 ? { "http.request.resend_count": index } : {})
          }
        }),
        (span) => Effect.onExit(attempt(span), (exit) => end(span, exit))
      ))
}

const end = (span: Tracer.Span, exit: Exit.Exit<unknown, AttemptFailure>): Effect.Effect<void> =>
  Effect.clockWith((clock) => {
    // Without the value, which would live as long as the span (bench row "list-in-turn").
    const reported = Exit.mapBoth(exit, {
      onSuccess: constVoid,
      onFailure: ({ error }) => {
        span.attribute("error.type", "status" in error ? String(error.status) : error._tag)
        return error
      }
    })
    span.end(clock.unsafeCurrentTimeNanos(), reported)
    return Effect.void
  })
