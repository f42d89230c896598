import type { Operation } from "@effect-clerk/core/InvitationError"
import { Timeout, UnexpectedResponse } from "@effect-clerk/core/InvitationError"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Headers from "@effect/platform/Headers"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import type { HttpMethod } from "@effect/platform/HttpMethod"
import * as HttpTraceContext from "@effect/platform/HttpTraceContext"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberRefs from "effect/FiberRefs"
import * as Option from "effect/Option"
import type * as Runtime from "effect/Runtime"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import type { AttemptFailure } from "./attemptFailure.js"
import { attemptFailure } from "./attemptFailure.js"
import { fromClientError } from "./connectionError.js"
import type { RawResponse } from "./response.js"
import * as AttemptTimeout from "./timeout.js"

/**
 * The largest body that is read, in bytes; a page of 500 is far below it.
 */
const maxBodySize = 32 * 1024 * 1024

/**
 * A request of the API.
 */
export interface Request {
  readonly operation: Operation
  readonly method: HttpMethod
  /** Below the base URL, beginning with a slash. */
  readonly path: string
  /** The path with a placeholder for what varies. */
  readonly template: string
  /** The query string, without the question mark. */
  readonly search?: string | undefined
  /** The body, as JSON. */
  readonly body?: string | undefined
}

/**
 * One attempt.
 */
export interface Attempt {
  /** How many attempts went before it. */
  readonly index: number
  /** Which limit of time it is bound by, and how long that is. */
  readonly limit: Timeout["limit"]
  readonly duration: Duration.Duration
  /** What is left of it. */
  readonly remaining: Duration.Duration
}

/**
 * Sends a request once, as part of a span.
 */
export type Transport = (
  request: Request,
  attempt: Attempt,
  span: Tracer.Span
) => Effect.Effect<RawResponse, AttemptFailure>

interface TooLarge {
  readonly _tag: "TooLarge"
}

const endless: TooLarge = { _tag: "TooLarge" }

// Counted as it is read where the length is not said beforehand: a body without end must not fill the memory.
const readText = (
  response: HttpClientResponse.HttpClientResponse,
  headers: Headers.Headers
): Effect.Effect<string, HttpClientError.HttpClientError | TooLarge> => {
  const length = headers["content-length"]
  if (length !== undefined && Number(length) <= maxBodySize && headers["content-encoding"] === undefined) {
    return response.text
  }
  return Effect.suspend(() => {
    let size = 0
    return response.stream.pipe(
      Stream.mapEffect((chunk) => (size += chunk.length) > maxBodySize ? Effect.fail(endless) : Effect.succeed(chunk)),
      Stream.decodeText(),
      Stream.mkString
    )
  })
}

const isStatusError = (error: HttpClientError.HttpClientError): error is HttpClientError.ResponseError =>
  error._tag === "ResponseError" && error.reason === "StatusCode"

// Where tracing is switched off there is a span all the same, whose ids are none.
const isReal = (span: Tracer.Span): boolean => span.traceId !== "noop"

const withoutSpans: NonNullable<Runtime.RunForkOptions["updateRefs"]> = (refs, fiberId) =>
  FiberRefs.updateAs(refs, { fiberId, fiberRef: HttpClient.currentTracerDisabledWhen, value: () => true })

// Of all clients, only the one over fetch would follow redirects, and it is told not to through the context.
const withSpan = (context: Context.Context<never>, span: Tracer.Span): Context.Context<never> =>
  Context.add(Context.add(context, Tracer.ParentSpan, span), FetchHttpClient.RequestInit, {
    ...Option.getOrUndefined(Context.getOption(context, FetchHttpClient.RequestInit)),
    redirect: "manual"
  })

const tooLarge = (operation: Operation, status: number): AttemptFailure =>
  attemptFailure(
    "Unknown",
    new UnexpectedResponse({
      operation,
      status,
      reason: `a body of more than ${maxBodySize} bytes`,
      excerpt: "",
      traceId: Option.none()
    })
  )

/**
 * The transport over a client. Redirects are not followed, since they would carry the key to another place; the client's own
 * spans are switched off, since they record the query, which may hold an address.
 */
export const make = (
  client: HttpClient.HttpClient,
  options: { readonly baseUrl: string; readonly headers: Headers.Headers }
): Transport => {
  const build = ({ body, method, path, search }: Request, span: Tracer.Span): HttpClientRequest.HttpClientRequest =>
    HttpClientRequest.make(method)(
      `${options.baseUrl}${path}${search === undefined ? "" : `?${search}`}`,
      {
        headers: isReal(span) ? Headers.merge(options.headers, HttpTraceContext.toHeaders(span)) : options.headers,
        ...(body === undefined ? {} : { body: HttpBody.text(body, "application/json") })
      }
    )

  return (request, { duration, limit, remaining: within }, span) => {
    const { operation } = request
    const exchange = Effect.suspend(() => client.execute(build(request, span))).pipe(
      // A client that takes other statuses for failures has the answer all the same.
      Effect.catchIf(isStatusError, ({ response }) => Effect.succeed(response)),
      Effect.flatMap((response) => {
        const { headers, status } = response
        span.attribute("http.response.status_code", status)
        return Effect.matchEffect(readText(response, headers), {
          onSuccess: (text) =>
            Effect.map(DateTime.now, (receivedAt): RawResponse => ({ operation, status, headers, text, receivedAt })),
          onFailure: (error) => Effect.fail(error._tag === "TooLarge" ? tooLarge(operation, status) : error)
        })
      }),
      Effect.mapError((error) => "disposition" in error ? error : fromClientError(operation, error))
    )
    return Effect.contextWithEffect((context: Context.Context<never>) =>
      AttemptTimeout.run(exchange, {
        duration: within,
        onTimeout: () => attemptFailure("Unknown", new Timeout({ operation, limit, duration })),
        context: withSpan(context, span),
        updateRefs: withoutSpans
      })
    )
  }
}
