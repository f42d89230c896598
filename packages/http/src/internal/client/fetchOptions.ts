import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as Option from "effect/Option"
import * as Replay from "./replay.js"
import * as Runtime from "./runtime.js"

// Older Workers reject a request with this field.
const acceptsCache = (): boolean => {
  try {
    return new Request("https://clerk.invalid", { cache: "no-store" }).cache === "no-store"
  } catch {
    return false
  }
}

let defaults: RequestInit | undefined

// A framework may answer a read from a cache of its own unless it is asked not to.
const getDefaults = (): RequestInit => defaults ??= acceptsCache() ? { cache: "no-store" } : {}

const setOptions = (request: HttpClientRequest.HttpClientRequest): Effect.Effect<HttpClientRequest.HttpClientRequest> =>
  Effect.withFiberRuntime(({ currentContext }) =>
    Effect.as(
      FiberRef.set(
        FiberRef.currentContext,
        Context.add(currentContext, FetchHttpClient.RequestInit, {
          ...getDefaults(),
          ...Option.getOrUndefined(Context.getOption(currentContext, FetchHttpClient.RequestInit)),
          ...Replay.fetchOptionsOf(Runtime.current, request.method),
          redirect: "manual"
        })
      ),
      request
    )
  )

/**
 * Wraps a client so that `fetch` gets its options, if the client uses it. Options of the user win, wherever they are provided,
 * except that a redirect is never followed: it would send the key to another server.
 *
 * The options are set when the client has the request and its own context, since the layer of the client puts its context
 * over that of the caller. Transform the wrapped client, so that this holds for what the transformation provides too.
 */
export const withFetchOptions = (client: HttpClient.HttpClient): HttpClient.HttpClient => {
  const inner = HttpClient.mapRequestEffect(client, setOptions)
  return HttpClient.makeWith(
    (request: Effect.Effect<HttpClientRequest.HttpClientRequest, HttpClientError.HttpClientError>) =>
      Effect.flatMap(request, inner.execute),
    Effect.succeed
  )
}
