import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import type { Options } from "../../InvitationsHttp.js"
import * as ClientOptions from "./options.js"
import * as SecretKey from "./secretKey.js"

export const defaultApiUrl = "https://api.clerk.com"

export const defaultApiVersion = "2026-05-12"

const defaultRetryBudget = 500

const defaultMaxConcurrentAttempts = 64

const isRetryBudget = (input: unknown): boolean => input === "unlimited" || (Predicate.isNumber(input) && input >= 0)

/**
 * Validates the options of the HTTP layer that have no module of their own, and sets the defaults.
 */
export const validate = (options: Options) =>
  Either.gen(function*() {
    yield* ClientOptions.required("options", options, ClientOptions.isOptions, "must be an object")
    return {
      baseUrl: yield* ClientOptions.baseUrl(options.apiUrl ?? defaultApiUrl),
      secretKey: yield* SecretKey.make(options.secretKey),
      apiVersion: yield* ClientOptions.apiVersion(options.apiVersion ?? defaultApiVersion),
      retryBudget: (yield* ClientOptions.check(
        "retryBudget",
        options.retryBudget,
        isRetryBudget,
        "must be a number of at least 0, or \"unlimited\""
      )) ?? defaultRetryBudget,
      maxConcurrentAttempts: (yield* ClientOptions.check(
        "maxConcurrentAttempts",
        options.maxConcurrentAttempts,
        ClientOptions.isAttempts,
        "must be a whole number of at least 1"
      )) ?? defaultMaxConcurrentAttempts,
      propagateTrace: (yield* ClientOptions.check(
        "propagateTrace",
        options.propagateTrace,
        Predicate.isBoolean,
        "must be a boolean"
      )) ?? false,
      transformClient: yield* ClientOptions.check(
        "transformClient",
        options.transformClient,
        Predicate.isFunction,
        "must be a function"
      )
    }
  })
