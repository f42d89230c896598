import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as Fault from "../../Fault.js"
import * as ApiError from "./apiError.js"
import { traceHeader } from "./traceHeader.js"

const encoder = new TextEncoder()

// Servers of Bun, Deno and Workers do not give access to the socket.
const destroyerOf = ({ source }: HttpServerRequest.HttpServerRequest): (() => void) | undefined => {
  if (!Predicate.hasProperty(source, "socket") || !Predicate.hasProperty(source.socket, "destroy")) return undefined
  const { socket } = source
  const { destroy } = source.socket
  return typeof destroy === "function" ? () => void Reflect.apply(destroy, socket, []) : undefined
}

/**
 * Closes the connection of a request. Without a socket it dies, which closes the connection if the response has begun.
 */
export const destroyConnection = (request: HttpServerRequest.HttpServerRequest): Effect.Effect<never> =>
  Effect.suspend(() => {
    const destroy = destroyerOf(request)
    if (destroy === undefined) return Effect.dieMessage("an injected fault closes the connection")
    destroy()
    return Effect.never
  })

/**
 * Closes the connection of a request without a response. Without a socket, the response ends before its first byte, and then
 * the server closes the connection.
 */
const closeConnection = (
  request: HttpServerRequest.HttpServerRequest
): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
  destroyerOf(request) === undefined
    ? Effect.succeed(
      HttpServerResponse.stream(Stream.fromEffect(destroyConnection(request)), {
        contentType: "application/json",
        contentLength: 1
      })
    )
    : destroyConnection(request)

// Content-Length is the length of the whole body, so that the client detects the truncation.
const firstHalf = (intended: string, rest: Stream.Stream<Uint8Array>): HttpServerResponse.HttpServerResponse => {
  const bytes = encoder.encode(intended)
  return HttpServerResponse.stream(
    Stream.concat(Stream.make(bytes.slice(0, bytes.length / 2)), rest),
    { contentType: "application/json", contentLength: bytes.length }
  )
}

const dripSize = 16

const slices = (intended: string): ReadonlyArray<Uint8Array> => {
  const bytes = encoder.encode(intended)
  return Array.from(
    { length: Math.ceil(bytes.length / dripSize) },
    (_, index) => bytes.slice(index * dripSize, (index + 1) * dripSize)
  )
}

/**
 * The response of a fault. `intended` is the body of the response without the fault. `untilReset` ends a response that is held
 * back, and then its connection is closed.
 */
export const faultResponse = (
  request: HttpServerRequest.HttpServerRequest,
  fault: Fault.Response,
  intended: string,
  traceId: string,
  untilReset: Effect.Effect<void>
): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
  Effect.map(
    withFault(request, fault, intended, traceId, untilReset),
    HttpServerResponse.setHeader(traceHeader, traceId)
  )

const withFault = (
  request: HttpServerRequest.HttpServerRequest,
  fault: Fault.Response,
  intended: string,
  traceId: string,
  untilReset: Effect.Effect<void>
): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
  Fault.Response.$match(fault, {
    Status: ({ code, html, retryAfter, status }) =>
      Effect.succeed(
        HttpServerResponse.text(
          html === true
            ? `<html><head><title>${status} Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>`
            : ApiError.body(ApiError.status(status, code ?? "internal_clerk_error"), traceId),
          {
            status,
            contentType: html === true ? "text/html; charset=UTF-8" : "application/json",
            headers: retryAfter === undefined ? {} : { "retry-after": retryAfter }
          }
        )
      ),
    Body: ({ body, contentType = "application/json", status = 200 }) =>
      Effect.succeed(HttpServerResponse.text(body, { status, contentType })),
    Truncated: () => Effect.succeed(firstHalf(intended, Stream.fromEffect(destroyConnection(request)))),
    Reset: () => closeConnection(request),
    Stall: ({ at }) => {
      return at === "headers"
        ? Effect.zipRight(untilReset, closeConnection(request))
        : Effect.succeed(
          firstHalf(intended, Stream.fromEffect(Effect.zipRight(untilReset, destroyConnection(request))))
        )
    },
    Drip: ({ every }) =>
      Effect.succeed(
        HttpServerResponse.stream(
          Stream.fromIterable(slices(intended)).pipe(
            Stream.schedule(Schedule.spaced(every)),
            Stream.interruptWhen(Effect.zipRight(untilReset, destroyConnection(request)))
          ),
          { contentType: "application/json" }
        )
      )
  })
