import * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as ApiError from "./apiError.js"
import { errorResponse } from "./errorResponse.js"
import type { Instances } from "./instances.js"
import { type HostCheck, isOwnPath } from "./sameOrigin.js"
import { traceHeader } from "./traceHeader.js"

/**
 * Middleware that rejects requests to Clerk's API under a host name that is not allowed. By default every test key is
 * accepted, so the key alone does not stop a site that points its name at this machine.
 */
export const withHostCheck =
  ({ shared }: Instances, isAllowed: HostCheck) => <E, R>(app: HttpApp.Default<E, R>): HttpApp.Default<E, R> =>
    Effect.flatMap(
      HttpServerRequest.HttpServerRequest,
      ({ headers, url }) =>
        isAllowed(headers) || isOwnPath(url) ?
          app :
          // The body of the request is not read.
          Effect.map(shared.traceId, (traceId) => errorResponse(ApiError.hostNotAllowed, traceId, { close: true }))
    )

/**
 * Middleware that gives every response of Clerk's API a trace id, for example a 404 of an unknown path.
 */
export const withTraceId = ({ shared }: Instances) => <E, R>(app: HttpApp.Default<E, R>): HttpApp.Default<E, R> =>
  HttpApp.withPreResponseHandler(
    app,
    ({ url }, response) =>
      isOwnPath(url) || response.headers[traceHeader] !== undefined
        ? Effect.succeed(response)
        : Effect.map(shared.traceId, (traceId) => HttpServerResponse.setHeader(response, traceHeader, traceId))
  )

const ignoreError = () => {}

/**
 * Middleware that answers a request to upgrade the protocol as any other. For such a request Node removes its listener for
 * errors of the socket, and a connection that breaks would end the process.
 */
export const withUpgradeIgnored = <E, R>(app: HttpApp.Default<E, R>): HttpApp.Default<E, R> =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers, source }) => {
    if (
      headers["upgrade"] !== undefined && Predicate.hasProperty(source, "socket") &&
      Predicate.hasProperty(source.socket, "on") && typeof source.socket.on === "function"
    ) {
      Reflect.apply(source.socket.on, source.socket, ["error", ignoreError])
    }
    return app
  })

/**
 * Middleware that records the requests to Clerk's API. It wraps the whole app, so that requests rejected before a
 * handler runs are recorded too, for example a wrong key or an unknown path.
 */
export const withRequestLog = (instances: Instances) => <E, R>(app: HttpApp.Default<E, R>): HttpApp.Default<E, R> =>
  Effect.flatMap(
    HttpServerRequest.HttpServerRequest,
    (request) =>
      isOwnPath(request.url) ? app : Effect.flatMap(instances.of(request.headers), ({ requestLog }) =>
        Effect.zipRight(
          Effect.map(Clock.currentTimeMillis, (now) => requestLog.arrived(request, now)),
          HttpApp.withPreResponseHandler(app, (request, response) =>
            Effect.map(Clock.currentTimeMillis, (now) => {
              requestLog.responded(request, response, now)
              return response
            }))
        ))
  )

/**
 * Middleware that sets the `Date` header by Effect's clock, so that it agrees with the times of the invitations under
 * `TestClock`.
 */
export const withDate = <E, R>(app: HttpApp.Default<E, R>): HttpApp.Default<E, R> =>
  HttpApp.withPreResponseHandler(app, (_, response) =>
    Effect.map(
      Clock.currentTimeMillis,
      (now) => HttpServerResponse.setHeader(response, "date", new Date(now).toUTCString())
    ))
