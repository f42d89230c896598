import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as ApiError from "./apiError.js"
import { traceHeader } from "./traceHeader.js"

/**
 * The response of an error. `close` ends the connection after it, for a request whose body is not read.
 */
export const errorResponse = (
  error: ApiError.ApiError,
  traceId: string,
  options: { readonly close?: boolean } = {}
): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.text(ApiError.body(error, traceId), {
    status: error.status,
    contentType: "application/json",
    headers: {
      [traceHeader]: traceId,
      ...(error.retryAfter === undefined ? {} : { "retry-after": error.retryAfter }),
      ...(options.close === true ? { connection: "close" } : {})
    }
  })
