import { development, production } from "@effect-clerk/core/RateLimits"
import * as ConfigError from "effect/ConfigError"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Input } from "../../RateLimiting.js"
import * as Options from "../client/options.js"
import * as Limiter from "./limiter.js"

// Whoever reads the store must not learn the key, and layers for different instances must not meet there by accident.
const digest = (secretKey: string): Effect.Effect<string, ConfigError.ConfigError> =>
  Effect.map(
    Effect.tryPromise({
      try: () => crypto.subtle.digest("SHA-256", new TextEncoder().encode(`effect-clerk:${secretKey}`)),
      catch: () =>
        ConfigError.InvalidData(["rateLimit", "key"], "rateLimit.key must be given where there is no Web Crypto")
    }),
    (bytes) => Array.from(new Uint8Array(bytes, 0, 12), (byte) => byte.toString(16).padStart(2, "0")).join("")
  )

/**
 * The limiter that the options of a layer ask for.
 */
export const make = (
  input: Input,
  { attempt, secretKey }: { readonly attempt: Duration.Duration; readonly secretKey: string }
): Effect.Effect<Limiter.Limiter | undefined, ConfigError.ConfigError> =>
  Effect.gen(function*() {
    if (input === "off") return undefined
    const options = input === "clerk" ? {} : input
    const published = secretKey.startsWith("sk_live_") ? production : development
    return yield* Limiter.make({
      ...options,
      limits: yield* Options.rateLimits(options.limits ?? published),
      localShare: yield* Options.localShare(options.localShare ?? 0.1),
      // Nobody else can see the keys of what is kept in memory.
      key: options.key ?? (options.limiter === undefined ? "" : `effect-clerk:${yield* digest(secretKey)}`),
      attempt
    })
  })
