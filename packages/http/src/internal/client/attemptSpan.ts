import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Tracer from "effect/Tracer"
import type { AttemptFailure } from "./attemptFailure.js"
import type { Attempt, Request } from "./transport.js"

const port = (url: URL): { readonly "server.port"?: number } =>
  url.port === "" ? {} : { "server.port": Number(url.port) }

// The names of the parameters, but not their values: one of them may be an address.
const scrubbed = ({ path, search }: Request): string =>
  search === undefined ? path : `${path}?${search.replace(/=[^&]*/g, "=REDACTED")}`

/**
 * Runs an attempt with a client span of its own, with the names that OpenTelemetry gives to HTTP.
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
    { index: resend }: Attempt,
    attempt: (span: Tracer.Span) => Effect.Effect<A, AttemptFailure>
  ): Effect.Effect<A, AttemptFailure> =>
    Effect.flatMap(
      Effect.makeSpan(`${request.method} ${url.pathname}${request.template}`, {
        kind: "client",
        captureStackTrace: false,
        attributes: {
          "http.request.method": request.method,
          "url.full": `${baseUrl}${scrubbed(request)}`,
          "url.template": `${url.pathname}${request.template}`,
          ...server,
          ...(resend > 0 ? { "http.request.resend_count": resend } : {})
        }
      }),
      (span) => Effect.onExit(attempt(span), (exit) => end(span, exit))
    )
}

const end = (span: Tracer.Span, exit: Exit.Exit<unknown, AttemptFailure>): Effect.Effect<void> =>
  Effect.clockWith((clock) => {
    const reported = Exit.mapError(exit, ({ error }) => {
      span.attribute("error.type", "status" in error ? String(error.status) : error._tag)
      return error
    })
    span.end(clock.unsafeCurrentTimeNanos(), reported)
    return Effect.void
  })
