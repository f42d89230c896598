import type * as Headers from "@effect/platform/Headers"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { CrossSiteRequest, SameOrigin } from "../../EmulatorApi.js"
import * as AcceptLink from "./acceptLink.js"

// Excludes names that another site can point at this machine (DNS rebinding): an IP address needs no DNS, and browsers
// resolve localhost themselves.
const local = /^(?:(?:[^:/]+\.)?localhost|\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:.]+\])$/i

/**
 * Whether the host of a request is allowed.
 */
export type HostCheck = (headers: Headers.Headers) => boolean

/**
 * Allows `localhost`, IP addresses and these names. `"*"` allows every name.
 */
export const hostCheck = (allowedHosts: ReadonlyArray<string>): HostCheck => {
  const names = new Set(allowedHosts.map((name) => name.toLowerCase()))
  return (headers) => {
    const name = (headers["host"] ?? "").replace(/:\d+$/, "")
    return local.test(name) || names.has("*") || names.has(name.toLowerCase())
  }
}

/**
 * The error of a cross-site request. Programs send neither `Origin` nor `Sec-Fetch-Site`; a browser sends at least one
 * of them with every request of another site.
 */
export const originError = (headers: Headers.Headers, isAllowed: HostCheck): CrossSiteRequest | undefined => {
  const { "host": host = "", origin, "sec-fetch-site": site } = headers
  if (!isAllowed(headers)) return new CrossSiteRequest({ reason: "Host" })
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    return new CrossSiteRequest({ reason: "Origin" })
  }
  if (site !== undefined && site !== "same-origin" && site !== "none") {
    return new CrossSiteRequest({ reason: "Sec-Fetch-Site" })
  }
  return undefined
}

/**
 * Rejects cross-site requests to the control endpoints, including reads.
 */
export const layer = (isAllowed: HostCheck): Layer.Layer<SameOrigin> =>
  Layer.succeed(
    SameOrigin,
    SameOrigin.of(Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) => {
      const error = originError(headers, isAllowed)
      return error === undefined ? Effect.void : Effect.fail(error)
    }))
  )

/**
 * The path of a request, without its query.
 */
export const pathOf = (url: string): string => url.replace(/[?#].*$/s, "")

/**
 * Whether a path belongs to the emulator's page or its control endpoints rather than to Clerk's API.
 */
export const isOwnPath = (url: string): boolean =>
  /^\/(?:_emulator\/.*|docs|openapi\.json|favicon\.ico)?$/s.test(pathOf(url))

/**
 * The path of the emulator's sign-up page.
 */
export const signUpPath = "/_emulator/sign-up"

/**
 * Whether an invited person visits this path in a browser.
 */
export const isVisited = (url: string): boolean => pathOf(url) === AcceptLink.path || pathOf(url) === signUpPath
