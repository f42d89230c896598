import type { RateLimits } from "@effect-clerk/core/RateLimits"
import * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"

/**
 * The error of an invalid option. It never quotes the value.
 */
const invalid = (name: string, expected: string): ConfigError.ConfigError =>
  ConfigError.InvalidData([name], `${name} must be ${expected}`)

/**
 * Validates the rate limits.
 */
export const rateLimits = (limits: RateLimits): Either.Either<RateLimits, ConfigError.ConfigError> => {
  for (const name of ["all", "create", "createBulk"] as const) {
    const { limit, window } = limits[name]
    if (!(Number.isSafeInteger(limit) && limit > 0)) {
      return Either.left(invalid(`rateLimit.limits.${name}.limit`, "a whole number above 0"))
    }
    if (!(Duration.isFinite(window) && Duration.toMillis(window) >= 1)) {
      return Either.left(invalid(`rateLimit.limits.${name}.window`, "finite and at least a millisecond"))
    }
  }
  return Either.right(limits)
}

/**
 * Validates the share of the limits that this process may use without the store.
 */
export const localShare = (share: number): Either.Either<number, ConfigError.ConfigError> =>
  share > 0 && share <= 1
    ? Either.right(share)
    : Either.left(invalid("rateLimit.localShare", "above 0 and at most 1"))

/**
 * Validates `apiUrl`, and returns the URL that all paths are relative to.
 */
export const baseUrl = (apiUrl: string): Either.Either<string, ConfigError.ConfigError> =>
  Either.try({
    try: () => new URL(apiUrl),
    catch: () => invalid("apiUrl", "an absolute URL")
  }).pipe(
    Either.flatMap((url) =>
      /^https?:$/.test(url.protocol) && `${url.username}${url.password}${url.search}${url.hash}` === ""
        ? Either.right(`${url.origin}${url.pathname.replace(/\/+$/, "")}/v1`)
        : Either.left(invalid("apiUrl", "an http or https URL without user, query or fragment"))
    )
  )

/**
 * Validates the version, which is sent in a header.
 */
export const apiVersion = (version: string): Either.Either<string, ConfigError.ConfigError> =>
  /^[\x21-\x7e]+$/.test(version)
    ? Either.right(version)
    : Either.left(invalid("apiVersion", "a version: not empty, no white space, ASCII only"))

/**
 * Validates the key, and returns its value. With characters that are illegal in a header, the platform would throw an
 * error that contains the key.
 */
export const secretKey = (key: Redacted.Redacted): Either.Either<string, ConfigError.ConfigError> =>
  /^[\x21-\x7e]+$/.test(Redacted.value(key))
    ? Either.right(Redacted.value(key))
    : Either.left(invalid("secretKey", "a secret key: not empty, no white space, ASCII only"))
