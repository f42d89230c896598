import * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as ApiError from "./apiError.js"
import { errorResponse } from "./errorResponse.js"
import type { Instances } from "./instances.js"
import { isOwnPath } from "./sameOrigin.js"

// In bytes.
const maxBodySize = 1_000_000

// A larger body without a Content-Length ends with its connection.
const maxDiscarded = 16_000_000

class TooLarge extends Data.TaggedError("TooLarge") {}

const lengthOf = ({ headers }: HttpServerRequest.HttpServerRequest): number | undefined => {
  const length = headers["content-length"]
  return length === undefined ? undefined : Number(length)
}

const hasUnknownLength = (request: HttpServerRequest.HttpServerRequest): boolean =>
  request.headers["transfer-encoding"] !== undefined && lengthOf(request) === undefined

// Reads on after the limit in a fiber of its own: on Node the end of the stream closes the connection, and the response must
// be sent before that.
const readCounted = (request: HttpServerRequest.HttpServerRequest): Effect.Effect<string, TooLarge> =>
  Effect.gen(function*() {
    const text = yield* Deferred.make<string, TooLarge>()
    const decoder = new TextDecoder()
    let size = 0
    let read = ""
    yield* request.stream.pipe(
      Stream.runForEachWhile((chunk) =>
        Effect.suspend(() => {
          size += chunk.length
          if (size <= maxBodySize) {
            read += decoder.decode(chunk, { stream: true })
            return Effect.succeed(true)
          }
          return Effect.as(Deferred.fail(text, new TooLarge()), size <= maxDiscarded)
        })
      ),
      Effect.zipRight(Effect.suspend(() => Deferred.succeed(text, read + decoder.decode()))),
      // The client has closed the connection.
      Effect.catchAllCause(() => Deferred.fail(text, new TooLarge())),
      Effect.forkDaemon
    )
    return yield* Deferred.await(text)
  })

/**
 * The text of a body, or the error that Clerk responds with if the body is too large.
 */
export const readText = (request: HttpServerRequest.HttpServerRequest): Effect.Effect<string, ApiError.ApiError> =>
  hasUnknownLength(request)
    ? Effect.mapError(readCounted(request), () => ApiError.bodyTooLarge)
    : Effect.orDie(request.text)

const rejected = (status: number, message: string): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.text(`${message}\n`, { status, headers: { connection: "close" } })

const lengthRequired = rejected(411, "The request body needs a Content-Length")

/**
 * Middleware that rejects a request whose `Content-Length` is above the limit before its body is read.
 *
 * A body of unknown length is rejected by the control endpoints. Elsewhere the response closes the connection: otherwise a
 * body that no handler reads, as after a 401 or a 404, would be received without end.
 */
export const middleware = ({ shared }: Instances) => <E, R>(app: HttpApp.Default<E, R>): HttpApp.Default<E, R> =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
    if (hasUnknownLength(request)) {
      return isOwnPath(request.url)
        ? Effect.succeed(lengthRequired)
        : HttpApp.withPreResponseHandler(
          app,
          (_, response) => Effect.succeed(HttpServerResponse.setHeader(response, "connection", "close"))
        )
    }
    return (lengthOf(request) ?? 0) <= maxBodySize ?
      app :
      Effect.map(shared.traceId, (traceId) => errorResponse(ApiError.bodyTooLarge, traceId, { close: true }))
  })
