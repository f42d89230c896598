import * as ConfigError from "effect/ConfigError"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"

/**
 * The error for an option that cannot be used. It never quotes the value.
 */
const invalid = (name: string, must: string): ConfigError.ConfigError =>
  ConfigError.InvalidData([name], `${name} must be ${must}`)

/**
 * The URL that all paths are appended to.
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
 * The version, which has to be one word to stand in a header.
 */
export const apiVersion = (version: string): Either.Either<string, ConfigError.ConfigError> =>
  /^[\x21-\x7e]+$/.test(version)
    ? Either.right(version)
    : Either.left(invalid("apiVersion", "a version: not empty, no white space, ASCII only"))

/**
 * The value of the key. One with white space or other characters cannot stand in a header, and the complaint of the
 * platform would quote it.
 */
export const secretKey = (key: Redacted.Redacted): Either.Either<string, ConfigError.ConfigError> =>
  /^[\x21-\x7e]+$/.test(Redacted.value(key))
    ? Either.right(Redacted.value(key))
    : Either.left(invalid("secretKey", "a secret key: not empty, no white space, ASCII only"))
