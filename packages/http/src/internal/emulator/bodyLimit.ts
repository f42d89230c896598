import type * as Headers from "@effect/platform/Headers"
import * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as ApiError from "./apiError.js"
import { isOwnPath } from "./sameOrigin.js"

/**
 * The maximum size of a request body in bytes.
 */
export const maxBodySize = 1024 * 1024

// A client that still sends when the connection closes may lose the response, so a body of moderate size is discarded to
// its end.
const maxDiscarded = 16 * maxBodySize

type Length = "none" | "unknown" | number

const lengthOf = (headers: Headers.Headers): Length => {
  const length = headers["content-length"]
  if (length !== undefined) return Number(length)
  return headers["transfer-encoding"] === undefined ? "none" : "unknown"
}

const isWithinLimit = (length: Length): boolean => length === "none" || (length !== "unknown" && length <= maxBodySize)

/**
 * Reads a body of unknown or excessive length. The stream stays open until the response is sent, because on Node its end
 * closes the connection.
 */
const readStream = (
  request: HttpServerRequest.HttpServerRequest
): Effect.Effect<Either.Either<string, ApiError.ApiError>, never, Scope.Scope> =>
  Effect.gen(function*() {
    const pull = Effect.catchAll(
      yield* Stream.toPull(request.stream),
      Option.match({ onNone: () => Effect.succeed(undefined), onSome: Effect.die })
    )
    const decoder = new TextDecoder()
    let size = 0
    let text = ""
    while (size <= maxDiscarded) {
      const chunk = yield* pull
      if (chunk === undefined) break
      for (const bytes of Chunk.toReadonlyArray(chunk)) {
        size += bytes.length
        text = size <= maxBodySize ? text + decoder.decode(bytes, { stream: true }) : ""
      }
    }
    return size <= maxBodySize ? Either.right(text + decoder.decode()) : Either.left(ApiError.bodyTooLarge)
  })

/**
 * Reads the body of a request. The left is the error that Clerk responds with if the body exceeds the limit.
 */
export const readText = (
  request: HttpServerRequest.HttpServerRequest
): Effect.Effect<Either.Either<string, ApiError.ApiError>, never, Scope.Scope> =>
  Effect.suspend(() => {
    const length = lengthOf(request.headers)
    if (isWithinLimit(length)) return Effect.map(Effect.orDie(request.text), Either.right)
    return typeof length === "number" && length > maxDiscarded
      ? Effect.succeed(Either.left(ApiError.bodyTooLarge))
      : readStream(request)
  })

const rejected = (status: number, message: string): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.text(`${message}\n`, { status, headers: { connection: "close" } })

const tooLarge = rejected(413, "The body of the request exceeds 1 MB")
const lengthRequired = rejected(411, "The body of the request needs a Content-Length")

const withClose = <E, R>(app: HttpApp.Default<E, R>): HttpApp.Default<E, R> =>
  HttpApp.withPreResponseHandler(
    app,
    (_, response) => Effect.succeed(HttpServerResponse.setHeader(response, "connection", "close"))
  )

/**
 * Middleware that bounds the bodies of the control endpoints, and closes the connection after a request whose body may be
 * too long to read: otherwise the server would receive a body without end.
 */
export const withBodyLimit = <E, R>(app: HttpApp.Default<E, R>): HttpApp.Default<E, R> =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers, url }) => {
    const length = lengthOf(headers)
    if (isWithinLimit(length)) return app
    if (!isOwnPath(url)) return withClose(app)
    return Effect.succeed(length === "unknown" ? lengthRequired : tooLarge)
  })
