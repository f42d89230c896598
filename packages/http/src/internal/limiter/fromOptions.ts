import { development, production } from "@effect-clerk/core/RateLimits"
import * as ConfigError from "effect/ConfigError"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Input } from "../../RateLimiting.js"
import * as Options from "../client/options.js"
import * as Limiter from "./limiter.js"

// A store must not contain the secret key, and layers for different instances must not share keys by accident.
const digest = (secretKey: string): Effect.Effect<string, ConfigError.ConfigError> =>
  Effect.map(
    Effect.tryPromise({
      try: () => crypto.subtle.digest("SHA-256", new TextEncoder().encode(`effect-clerk:${secretKey}`)),
      catch: () =>
        ConfigError.InvalidData(["rateLimit", "key"], "rateLimit.key is required on a runtime without Web Crypto")
    }),
    (bytes) => Array.from(new Uint8Array(bytes, 0, 12), (byte) => byte.toString(16).padStart(2, "0")).join("")
  )

/**
 * Builds the limiter of a layer. Returns `undefined` for `"off"`, and fails with a `ConfigError` if an option is invalid.
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
      // A limiter in memory is private to its layer, so its keys need no prefix.
      key: options.key ?? (options.limiter === undefined ? "" : `effect-clerk:${yield* digest(secretKey)}`),
      attempt
    })
  })
