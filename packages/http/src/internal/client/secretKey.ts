import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { InvalidOption, Validated } from "./options.js"
import { invalid, isHeaderText } from "./options.js"

/**
 * The secret key of a layer, or an effect that reads it for each call. Both have been validated.
 */
export type SecretKey = Redacted.Redacted | Effect.Effect<Redacted.Redacted, InvalidOption>

// `Redacted.value` throws if the value was wiped.
const valueOf = (key: unknown): unknown =>
  Redacted.isRedacted(key) ? Option.getOrUndefined(Option.liftThrowable(() => Redacted.value(key))()) : undefined

const validate = (key: unknown): Validated<Redacted.Redacted> => {
  const value = valueOf(key)
  return isHeaderText(value)
    ? Either.right(Redacted.make(value))
    : invalid("secretKey", "must be a Redacted secret key: not empty, no white space, ASCII only")
}

// The message of the error is not reported, because it may quote the key.
const unavailable = (error: unknown): Validated<never> =>
  invalid(
    "secretKey",
    `must be available, but its effect failed with ${ConfigError.isConfigError(error) ? error._op : "an error"}`
  )

/**
 * Validates a key. Validates the key of an effect each time it is read.
 */
export const make = (input: Redacted.Redacted | Effect.Effect<Redacted.Redacted, unknown>): Validated<SecretKey> =>
  Effect.isEffect(input)
    ? Either.right(Effect.matchEffect(input, { onFailure: unavailable, onSuccess: validate }))
    : validate(input)

/**
 * Reads the key.
 */
export const read = (key: SecretKey): Effect.Effect<Redacted.Redacted, InvalidOption> =>
  Redacted.isRedacted(key) ? Effect.succeed(key) : key
