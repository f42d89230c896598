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

const tooLarge: TooLarge = { _tag: "TooLarge" }

// Counted as it is read where the length is not said beforehand: a body without end must not fill the memory.
const readText = (
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<string, HttpClientError.HttpClientError | TooLarge> => {
  const length = response.headers["content-length"]
  if (length !== undefined && Number(length) <= maxBodySize) return response.text
  return Effect.suspend(() => {
    let size = 0
    return response.stream.pipe(
      Stream.mapEffect((chunk) => (size += chunk.length) > maxBodySize ? Effect.fail(tooLarge) : Effect.succeed(chunk)),
      Stream.decodeText(),
      Stream.mkString
    )
  })
}

// Where tracing is switched off there is a span all the same, whose ids are none.
const currentSpan = Effect.map(Effect.option(Effect.currentSpan), Option.filter((span) => span.traceId !== "noop"))

/**
 * The transport over a client. Redirects are not followed, since they would carry the key to another place; the client's own
 * spans are switched off, since they record the query, which may hold an address.
 */
export const make = (
  client: HttpClient.HttpClient,
  options: { readonly baseUrl: string; readonly headers: Headers.Headers }
): Transport => {
  const untraced = HttpClient.withTracerDisabledWhen(client, () => true)

  const build = (request: Request, span: Option.Option<Tracer.Span>): HttpClientRequest.HttpClientRequest =>
    HttpClientRequest.make(request.method)(
      `${options.baseUrl}${request.path}${request.search === undefined ? "" : `?${request.search}`}`,
      {
        headers: Option.match(span, {
          onNone: () => options.headers,
          onSome: (parent) => Headers.merge(options.headers, HttpTraceContext.toHeaders(parent))
        }),
        ...(request.body === undefined ? {} : { body: HttpBody.text(request.body, "application/json") })
      }
    )

  return (request, { duration, limit, within }) => {
    const { operation } = request
    return currentSpan.pipe(
      Effect.flatMap((span) => untraced.execute(build(request, span))),
      Effect.tap((response) => Effect.annotateCurrentSpan("http.response.status_code", response.status)),
      Effect.flatMap((response) =>
        Effect.flatMap(
          Effect.mapError(readText(response), (error) =>
            error._tag === "TooLarge"
              ? failure(
                "Unknown",
                new UnexpectedResponse({
                  operation,
                  status: response.status,
                  reason: `a body of more than ${maxBodySize} bytes`,
                  excerpt: "",
                  traceId: Option.none()
                })
              )
              : error),
          (text) =>
            Effect.map(DateTime.now, (receivedAt): Answer => ({
              operation,
              status: response.status,
              headers: response.headers,
              text,
              receivedAt
            }))
        )
      ),
      Effect.mapError((error) => "outcome" in error ? error : fromClientError(operation, error)),
      Effect.timeoutFail({
        duration: within,
        onTimeout: () => failure("Unknown", new Timeout({ operation, limit, duration }))
      }),
      Effect.mapInputContext((context: Context.Context<never>) =>
        Context.add(context, FetchHttpClient.RequestInit, {
          ...Option.getOrUndefined(Context.getOption(context, FetchHttpClient.RequestInit)),
          redirect: "manual"
        })
      )
    )
  }
}
