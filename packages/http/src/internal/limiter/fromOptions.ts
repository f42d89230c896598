import type { RateLimits } from "@effect-clerk/core/RateLimits"
import { development, production } from "@effect-clerk/core/RateLimits"
import type * as ConfigError from "effect/ConfigError"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import type { Input } from "../../RateLimiting.js"
import type { InvalidOption } from "../client/options.js"
import { check, duration, invalid, isOptions, toConfigError } from "../client/options.js"
import { maxRateLimitWait } from "../client/overrides.js"
import { rateLimits } from "../client/rateLimits.js"
import type { SecretKey } from "../client/secretKey.js"
import { read } from "../client/secretKey.js"
import * as Limiter from "./limiter.js"

const isShare = (input: unknown): boolean => Predicate.isNumber(input) && input > 0 && input <= 1

const isStoreFailure = (input: unknown): boolean => input === "fail" || input === "local"

const isLimiter = (input: unknown): boolean =>
  Predicate.hasProperty(input, "consume") && Predicate.isFunction(input.consume)

// A store must not contain the secret key, and layers for different instances must not share keys by accident.
const digest = (secretKey: Redacted.Redacted): Effect.Effect<string, InvalidOption> =>
  Effect.map(
    Effect.tryPromise({
      try: () => crypto.subtle.digest("SHA-256", new TextEncoder().encode(`effect-clerk:${Redacted.value(secretKey)}`)),
      catch: (): InvalidOption => ({
        path: "rateLimit.key",
        requirement: "is required on a runtime without Web Crypto"
      })
    }),
    (bytes) => Array.from(new Uint8Array(bytes, 0, 12), (byte) => byte.toString(16).padStart(2, "0")).join("")
  )

const published = (secretKey: SecretKey): Effect.Effect<RateLimits, InvalidOption> =>
  Effect.map(
    read(secretKey),
    (key) => Redacted.value(key).startsWith("sk_live_") ? production : development
  )

// The digest of a key that rotates would change, and processes with different keys would not share the limits.
const sharedKey = (secretKey: SecretKey): Effect.Effect<string, InvalidOption> =>
  Redacted.isRedacted(secretKey)
    ? Effect.map(digest(secretKey), (hex) => `effect-clerk:${hex}`)
    : invalid("rateLimit.key", "is required with a limiter if secretKey is an effect")

/**
 * Builds the limiter of a layer. Returns `undefined` for `"off"`, and fails with a `ConfigError` if an option is invalid.
 */
export const make = (
  input: Input,
  { attempt, secretKey }: { readonly attempt: Duration.Duration; readonly secretKey: SecretKey }
): Effect.Effect<Limiter.Limiter | undefined, ConfigError.ConfigError> =>
  Effect.gen(function*() {
    if (input === "off") return undefined
    const options = input === "clerk" ? {} : input
    yield* check("rateLimit", options, isOptions, "must be an object, \"off\" or \"clerk\"")
    const { key, limiter, limits, localShare, onStoreFailure } = options
    yield* check("rateLimit.limiter", limiter, isLimiter, "must be a RateLimiter")
    yield* check("rateLimit.key", key, Predicate.isString, "must be a string")
    yield* check("rateLimit.onStoreFailure", onStoreFailure, isStoreFailure, "must be \"fail\" or \"local\"")
    yield* check("rateLimit.localShare", localShare, isShare, "must be a number above 0 and at most 1")
    return yield* Limiter.make({
      limiter,
      onStoreFailure,
      localShare,
      maxWait: yield* maxRateLimitWait(options.maxWait),
      storeTimeout: yield* duration("rateLimit.storeTimeout", options.storeTimeout),
      limits: yield* rateLimits("rateLimit.limits", limits ?? (yield* published(secretKey))),
      // A limiter in memory is private to its layer, so its keys need no prefix.
      key: key ?? (limiter === undefined ? "" : yield* sharedKey(secretKey)),
      attempt
    })
  }).pipe(Effect.mapError(toConfigError))
