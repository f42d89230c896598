import { RateLimits } from "@effect-clerk/core"
import { InvitationsHttp } from "@effect-clerk/http"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Undici from "@effect/platform-node/Undici"
import { Config, ConfigError, Effect, Layer, Redacted } from "effect"

// Sends requests through the proxy of HTTPS_PROXY or HTTP_PROXY, except to the hosts of NO_PROXY.
const DispatcherLive = Layer.scoped(
  NodeHttpClient.Dispatcher,
  Effect.acquireRelease(
    Effect.try({
      try: () => new Undici.EnvHttpProxyAgent(),
      catch: () => ConfigError.InvalidData(["HTTPS_PROXY"], "the URL of a proxy is invalid; check HTTP_PROXY too")
    }),
    (dispatcher) => Effect.promise(() => dispatcher.destroy())
  )
)

/**
 * The service with the settings CLERK_SECRET_KEY and CLERK_API_URL, within Clerk's published rate limits. Requests go through
 * the proxy of the environment.
 */
export const InvitationsLive = InvitationsHttp.layerConfig({ rateLimit: "clerk" }).pipe(
  Layer.provide(NodeHttpClient.layerUndiciWithoutDispatcher),
  Layer.provide(DispatcherLive)
)

export const secretKey = Config.redacted(Config.nonEmptyString("CLERK_SECRET_KEY"))

export const apiUrl = Config.withDefault(Config.nonEmptyString("CLERK_API_URL"), "https://api.clerk.com")

/**
 * The published rate limits of the instance that the key belongs to.
 */
export const limits = Effect.suspend(() =>
  Effect.map(isLive, (isLive) => isLive ? RateLimits.production : RateLimits.development)
)

/**
 * Whether e-mails reach real people: true for any key that is not `sk_test_…`.
 */
export const isLive = Effect.map(secretKey, (key) => !Redacted.value(key).startsWith("sk_test_"))
