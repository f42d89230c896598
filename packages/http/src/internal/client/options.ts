import { InvalidField, InvalidRequest } from "@effect-clerk/core/InvitationError"
import * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"

/**
 * An option that is missing or invalid. It never contains the value.
 */
export interface InvalidOption {
  /** The path of the option, for example `rateLimit.limits.create.window`. */
  readonly path: string
  /** The requirement, for example `must be a string`. */
  readonly requirement: string
}

/**
 * The result of the validation of one or more options. The validators accept untyped values, because a caller may be
 * plain JavaScript, and return `undefined` for an absent option.
 */
export type Validated<A> = Either.Either<A, InvalidOption>

export const invalid = (path: string, requirement: string): Validated<never> => Either.left({ path, requirement })

/**
 * The error of a layer with an invalid option.
 */
export const toConfigError = ({ path, requirement }: InvalidOption): ConfigError.ConfigError =>
  ConfigError.InvalidData([path], `${path} ${requirement}`)

/**
 * The error of a call with an invalid option, which was not sent.
 */
export const toInvalidRequest = (operation: string, { path, requirement }: InvalidOption): InvalidRequest =>
  new InvalidRequest({ operation, issues: [new InvalidField({ path, message: requirement })] })

/**
 * Validates an option with a predicate.
 */
export const check = <A>(
  path: string,
  input: A,
  predicate: (input: unknown) => boolean,
  requirement: string
): Validated<A> => input === undefined || predicate(input) ? Either.right(input) : invalid(path, requirement)

/**
 * Validates an option that must not be absent.
 */
export const required = <A>(
  path: string,
  input: A,
  predicate: (input: unknown) => boolean,
  requirement: string
): Validated<A> => predicate(input) ? Either.right(input) : invalid(path, requirement)

export const isOptions = (input: unknown): boolean => Predicate.isRecord(input)

/**
 * Whether a value is a number of attempts, which may be infinite.
 */
export const isAttempts = (input: unknown): boolean =>
  input === Infinity || (Predicate.isNumber(input) && Number.isInteger(input) && input >= 1)

// Effect 3 turns a negative duration and NaN into zero, and Effect 4 accepts negative ones.
const isNegativeOrNaN = (input: unknown): boolean => {
  if (Predicate.isNumber(input)) return !(input >= 0)
  if (Predicate.isBigInt(input)) return input < 0n
  if (Predicate.isString(input)) return input.startsWith("-")
  return Array.isArray(input) && input.some(isNegativeOrNaN)
}

const decodeDuration = (input: unknown): Option.Option<Duration.Duration> =>
  isNegativeOrNaN(input)
    ? Option.none()
    : Option.filter(Duration.decodeUnknown(input), Duration.greaterThanOrEqualTo(Duration.zero))

/**
 * Validates a duration, which may be zero and infinite.
 */
export const duration = (path: string, input: unknown): Validated<Duration.Duration | undefined> =>
  input === undefined ? Either.right(undefined) : Either.fromOption(decodeDuration(input), () => ({
    path,
    requirement: "must be a duration: 0 or more milliseconds, or text such as \"5 seconds\""
  }))

/**
 * Validates a duration above zero.
 */
export const positiveDuration = (path: string, input: unknown): Validated<Duration.Duration | undefined> =>
  Either.filterOrLeft(
    duration(path, input),
    (value) => value === undefined || Duration.greaterThan(value, Duration.zero),
    () => ({ path, requirement: "must be a duration above zero" })
  )

/**
 * Validates the length of a window.
 */
export const window = (path: string, input: unknown): Validated<Duration.Duration> =>
  Either.flatMap(
    duration(path, input),
    (value) =>
      value !== undefined && Duration.isFinite(value) && Duration.toMillis(value) >= 1
        ? Either.right(value)
        : invalid(path, "must be a finite duration of at least a millisecond")
  )

/**
 * Validates `apiUrl`, and returns the URL that all paths are relative to.
 */
export const baseUrl = (apiUrl: unknown): Validated<string> =>
  Either.try({
    try: () => new URL(Predicate.isString(apiUrl) ? apiUrl : ""),
    catch: (): InvalidOption => ({ path: "apiUrl", requirement: "must be an absolute URL" })
  }).pipe(
    Either.flatMap((url) =>
      /^https?:$/.test(url.protocol) && `${url.username}${url.password}${url.search}${url.hash}` === ""
        ? Either.right(`${url.origin}${url.pathname.replace(/\/+$/, "")}/v1`)
        : invalid("apiUrl", "must be an http or https URL without user, query or fragment")
    )
  )

/**
 * Whether a string is not empty and can be sent in a header. The platform throws an error that quotes the header if it
 * contains other characters.
 */
export const isHeaderText = (input: unknown): input is string =>
  Predicate.isString(input) && /^[\x21-\x7e]+$/.test(input)

/**
 * Validates the version, which is sent in a header.
 */
export const apiVersion = (version: unknown): Validated<string> =>
  isHeaderText(version)
    ? Either.right(version)
    : invalid("apiVersion", "must be a version: not empty, no white space, ASCII only")
