import { InvitationsHttp } from "@effect-clerk/http"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Config, Effect, Layer, Redacted } from "effect"

/**
 * The service with the settings CLERK_SECRET_KEY and CLERK_API_URL, within Clerk's published rate limits.
 */
export const InvitationsLive = InvitationsHttp.layerConfig({ rateLimit: "clerk" }).pipe(
  Layer.provide(NodeHttpClient.layerUndici)
)

export const secretKey = Config.redacted(Config.nonEmptyString("CLERK_SECRET_KEY"))

export const apiUrl = Config.withDefault(Config.nonEmptyString("CLERK_API_URL"), "https://api.clerk.com")

/**
 * Whether e-mails reach real people: true for any key that is not `sk_test_…`.
 */
export const isLive = Effect.map(secretKey, (key) => !Redacted.value(key).startsWith("sk_test_"))
