import type { Operation } from "@effect-clerk/core/InvitationError"
import { Timeout, UnexpectedResponse } from "@effect-clerk/core/InvitationError"
import * as Headers from "@effect/platform/Headers"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import type { HttpMethod } from "@effect/platform/HttpMethod"
import * as HttpTraceContext from "@effect/platform/HttpTraceContext"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type * as Tracer from "effect/Tracer"
import type { Answer } from "./answer.js"
import { fromClientError } from "./connection.js"
import type { Failure } from "./failure.js"
import { failure } from "./failure.js"

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
  readonly resend: number
  /** Which limit of time it is bound by, and how long that is. */
  readonly limit: Timeout["limit"]
  readonly duration: Duration.Duration
  /** What is left of it. */
  readonly within: Duration.Duration
}

/**
 * Sends a request once.
 */
export type Transport = (request: Request, attempt: Attempt) => Effect.Effect<Answer, Failure>

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
const isReal = (span: Tracer.AnySpan | undefined): span is Tracer.Span =>
  span !== undefined && span._tag === "Span" && span.traceId !== "noop"

/**
 * The transport over a client. Redirects are not followed, since they would carry the key to another place; the client's own
 * spans are switched off, since they record the query, which may hold an address.
 */
export const make = (
  client: HttpClient.HttpClient,
  options: { readonly baseUrl: string; readonly headers: Headers.Headers }
): Transport => {
  const untraced = HttpClient.withTracerDisabledWhen(client, () => true)

  const build = (
    { body, method, path, search }: Request,
    span: Tracer.Span | undefined
  ): HttpClientRequest.HttpClientRequest =>
    HttpClientRequest.make(method)(
      `${options.baseUrl}${path}${search === undefined ? "" : `?${search}`}`,
      {
        headers: span === undefined
          ? options.headers
          : Headers.merge(options.headers, HttpTraceContext.toHeaders(span)),
        ...(body === undefined ? {} : { body: HttpBody.text(body, "application/json") })
      }
    )

  return (request, { duration, limit, within }) => {
    const { operation } = request
    const tooLarge = (status: number) =>
      failure(
        "Unknown",
        new UnexpectedResponse({
          operation,
          status,
          reason: `a body of more than ${maxBodySize} bytes`,
          excerpt: "",
          traceId: Option.none()
        })
      )
    return Effect.withFiberRuntime<Answer, Failure>(({ currentSpan }) => {
      const span = isReal(currentSpan) ? currentSpan : undefined
      return untraced.execute(build(request, span)).pipe(
        // A client that takes other statuses for failures has the answer all the same.
        Effect.catchIf(isStatusError, ({ response }) => Effect.succeed(response)),
        Effect.flatMap((response) => {
          const { headers, status } = response
          span?.attribute("http.response.status_code", status)
          return readText(response, headers).pipe(
            Effect.mapError((error) => error._tag === "TooLarge" ? tooLarge(status) : error),
            Effect.flatMap((text) =>
              Effect.map(DateTime.now, (receivedAt): Answer => ({ operation, status, headers, text, receivedAt }))
            )
          )
        }),
        Effect.mapError((error) => "outcome" in error ? error : fromClientError(operation, error)),
        Effect.timeoutFail({
          duration: within,
          onTimeout: () => failure("Unknown", new Timeout({ operation, limit, duration }))
        })
      )
    })
  }
}
