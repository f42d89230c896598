import { InvitationsHttp } from "@effect-clerk/http"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Config, Effect, Layer, Redacted } from "effect"

/**
 * The service that the environment names with CLERK_SECRET_KEY and CLERK_API_URL, at the pace that Clerk allows.
 */
export const InvitationsLive = InvitationsHttp.layerConfig({ rateLimit: "clerk" }).pipe(
  Layer.provide(NodeHttpClient.layerUndici)
)

export const secretKey = Config.redacted("CLERK_SECRET_KEY")

export const apiUrl = Config.withDefault(Config.string("CLERK_API_URL"), "https://api.clerk.com")

/**
 * Whether real people get what is sent. Whatever does not say that it is for tests is taken for live.
 */
export const isLive = Effect.map(secretKey, (key) => !Redacted.value(key).startsWith("sk_test_"))
