import type * as Headers from "@effect/platform/Headers"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { CrossSiteRequest, SameOrigin } from "../../EmulatorApi.js"

// A name under which another site could make a browser come here (DNS rebinding) is none of these: an IP address is not
// looked up, and browsers keep localhost to themselves.
const local = /^(?:(?:[^:/]+\.)?localhost|\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:.]+\])(?::\d+)?$/i

/**
 * Whether the emulator was asked for under a name that is of this machine, or an address.
 */
export const isLocal = (headers: Headers.Headers): boolean => local.test(headers["host"] ?? "")

/**
 * What is wrong with where a request comes from. Programs send neither `Origin` nor `Sec-Fetch-Site`; browsers send at least one
 * with whatever another site makes them do.
 */
const originError = (headers: Headers.Headers): CrossSiteRequest | undefined => {
  const { "host": host = "", origin, "sec-fetch-site": site } = headers
  if (!isLocal(headers)) return new CrossSiteRequest({ reason: "Host" })
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    return new CrossSiteRequest({ reason: "Origin" })
  }
  if (site !== undefined && site !== "same-origin" && site !== "none") {
    return new CrossSiteRequest({ reason: "Sec-Fetch-Site" })
  }
  return undefined
}

/**
 * Keeps other sites away from the control, also from what it shows.
 */
export const layer: Layer.Layer<SameOrigin> = Layer.succeed(
  SameOrigin,
  SameOrigin.of(Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) => {
    const refusal = originError(headers)
    return refusal === undefined ? Effect.void : Effect.fail(refusal)
  }))
)

/**
 * The path of a request, without its query.
 */
export const pathOf = (url: string): string => url.replace(/[?#].*$/s, "")

/**
 * Whether a request is for the emulator's page or its control, and none of a client's.
 */
export const isOwnPath = (url: string): boolean =>
  /^\/(?:_emulator\/.*|docs|openapi\.json|favicon\.ico)?$/s.test(pathOf(url))
