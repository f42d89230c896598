import type { Operation } from "@effect-clerk/core/InvitationError"
import { Timeout } from "@effect-clerk/core/InvitationError"
import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import type { HttpMethod } from "@effect/platform/HttpMethod"
import * as HttpTraceContext from "@effect/platform/HttpTraceContext"
import type * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import type * as Fiber from "effect/Fiber"
import * as FiberRefs from "effect/FiberRefs"
import * as Redacted from "effect/Redacted"
import type * as Runtime from "effect/Runtime"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import type { AttemptFailure } from "./attemptFailure.js"
import { attemptFailure } from "./attemptFailure.js"
import * as AttemptSpan from "./attemptSpan.js"
import * as Body from "./body.js"
import { fromClientError } from "./connectionError.js"
import type { ConnectionReuse } from "./connectionReuse.js"
import * as Monotonic from "./monotonic.js"
import * as Replay from "./replay.js"
import type { RawResponse } from "./response.js"
import * as RuntimeName from "./runtime.js"
import * as AttemptTimeout from "./timeout.js"

/**
 * The largest body of a response that is not a 2xx, in bytes.
 */
const maxErrorBodySize = 100_000

/**
 * A request of the API.
 */
export interface Request {
  readonly operation: Operation
  readonly method: HttpMethod
  /** Relative to the base URL, with a leading slash. */
  readonly path: string
  /** The path with a placeholder for the id. */
  readonly template: string
  /** The largest body of a 2xx response, in bytes. A larger one is not read. */
  readonly maxBodySize: number
  /** The query string, without the question mark. */
  readonly search?: string | undefined
  /** The body, as JSON. */
  readonly body?: string | undefined
}

/**
 * One attempt of a call.
 */
export interface Attempt {
  /** The number of attempts before this one. */
  readonly index: number
  readonly secretKey: Redacted.Redacted
  /** Which timeout the attempt reaches first, and how long that timeout is. */
  readonly limit: Timeout["limit"]
  readonly duration: Duration.Duration
  /** The time until that timeout. */
  readonly remaining: Duration.Duration
}

/**
 * Makes one attempt: sends the request in a client span of its own, reads the response within the time limit, and maps
 * it with `read`.
 */
export type Transport = <A>(
  request: Request,
  attempt: Attempt,
  read: (response: RawResponse) => Either.Either<A, AttemptFailure>
) => Effect.Effect<A, AttemptFailure>

interface TooLarge {
  readonly _tag: "TooLarge"
}

// Without a length the bytes are counted while they are read, since an endless body must not fill the memory.
const readText = (
  response: HttpClientResponse.HttpClientResponse,
  { "content-encoding": encoding, "content-length": length }: Headers.Headers,
  maxBodySize: number
): Effect.Effect<string, HttpClientError.HttpClientError | TooLarge> => {
  if (length !== undefined && Number(length) <= maxBodySize && encoding === undefined) {
    return response.text
  }
  return Effect.suspend(() => {
    let size = 0
    return response.stream.pipe(
      Stream.mapEffect((chunk) =>
        (size += chunk.length) > maxBodySize ? Effect.fail<TooLarge>({ _tag: "TooLarge" }) : Effect.succeed(chunk)
      ),
      Stream.decodeText(),
      Stream.mkString
    )
  })
}

const parseBody = (text: string, encoding: string | undefined): Body.Body =>
  encoding === undefined || encoding === "identity" ? Body.parse(text) : Body.parseEncoded(text, encoding)

const isStatusError = (error: HttpClientError.HttpClientError): error is HttpClientError.ResponseError =>
  error._tag === "ResponseError" && error.reason === "StatusCode"

// With tracing disabled, Effect supplies a no-op span with the id "noop".
const isTraced = (span: Tracer.Span): boolean => span.traceId !== "noop"

const disableClientSpans: NonNullable<Runtime.RunForkOptions["updateRefs"]> = (refs, fiberId) =>
  FiberRefs.updateAs(refs, { fiberId, fiberRef: HttpClient.currentTracerDisabledWhen, value: () => true })

/**
 * Makes a transport from an HTTP client. The client's own spans are disabled, because they record the query, which may
 * contain an address.
 */
export const make = (
  client: HttpClient.HttpClient,
  { baseUrl, connectionReuse, headers, propagateTrace }: {
    readonly baseUrl: string
    readonly headers: Headers.Headers
    readonly propagateTrace: boolean
    readonly connectionReuse: ConnectionReuse
  }
): Transport => {
  const withSpan = AttemptSpan.make(baseUrl)

  const build = (
    { body, method, path, search }: Request,
    secretKey: Redacted.Redacted,
    traceHeaders: Headers.Headers,
    clock: Clock.Clock
  ): HttpClientRequest.HttpClientRequest => {
    const sent = Replay.bodyOf(RuntimeName.current, method, body)
    return HttpClientRequest.make(method)(
      `${baseUrl}${path}${search === undefined ? "" : `?${search}`}`,
      {
        headers: {
          ...headers,
          authorization: `Bearer ${Redacted.value(secretKey)}`,
          ...(connectionReuse.isSuspended(() => Monotonic.unsafeMillis(clock)) ? { connection: "close" } : {}),
          ...traceHeaders
        },
        ...(sent === undefined ? {} : { body: sent })
      }
    )
  }

  const traceHeaders = (fiber: Fiber.RuntimeFiber<unknown, unknown>, span: Tracer.Span): Headers.Headers =>
    propagateTrace && isTraced(span) && fiber.getFiberRef(HttpClient.currentTracerPropagation)
      ? HttpTraceContext.toHeaders(span)
      : Headers.empty

  // Without a scope the client registers each response with a `FinalizationRegistry`, and the request is aborted when its unread
  // body is collected: create over `layerUndici` then takes 12 % more CPU time.
  const { execute } = HttpClient.withScope(client)

  return <A>(
    request: Request,
    attempt: Attempt,
    read: (response: RawResponse) => Either.Either<A, AttemptFailure>
  ): Effect.Effect<A, AttemptFailure> =>
    Effect.withFiberRuntime((fiber) =>
      withSpan(fiber, request, attempt, (span) =>
        Effect.flatMap(Scope.make(), (scope) => {
          const { operation } = request
          const clock = Monotonic.clockOf(fiber)
          let isRead = false

          const fail = (error: HttpClientError.HttpClientError) => Effect.fail(fromClientError(operation, error))

          const receive = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<A, AttemptFailure> => {
            const { headers, status } = response
            span.attribute("http.response.status_code", status)
            const maxBodySize = status >= 200 && status <= 299 ? request.maxBodySize : maxErrorBodySize
            const receivedAt = Monotonic.unsafeMoment(clock)
            const readBody = (body: Body.Body) => read({ operation, status, headers, body, receivedAt })
            return Effect.matchEffect(readText(response, headers, maxBodySize), {
              onSuccess: (text) => {
                isRead = true
                return readBody(parseBody(text, headers["content-encoding"]))
              },
              onFailure: (error) => error._tag === "TooLarge" ? readBody(Body.tooLarge(maxBodySize)) : fail(error)
            })
          }

          const exchange = Effect.matchEffect(
            Effect.suspend(() => execute(build(request, attempt.secretKey, traceHeaders(fiber, span), clock))),
            {
              onSuccess: receive,
              // A transformed client may fail on a status other than 2xx. The error has the response.
              onFailure: (error) => isStatusError(error) ? receive(error.response) : fail(error)
            }
          )

          const context = Context.make(Scope.Scope, scope).pipe(Context.add(Tracer.ParentSpan, span))
          return AttemptTimeout.run(exchange, {
            duration: attempt.remaining,
            onTimeout: () =>
              attemptFailure("Unknown", new Timeout({ operation, limit: attempt.limit, duration: attempt.duration })),
            onEnd: (exit) => {
              AttemptSpan.end(span, clock, exit)
              // Aborts the request.
              if (!isRead) Effect.runFork(Scope.close(scope, exit))
            },
            context: Context.merge(fiber.currentContext, context),
            updateRefs: disableClientSpans
          })
        }))
    )
}
