import type { RateLimit, RateLimits } from "@effect-clerk/core/RateLimits"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import type { Validated } from "./options.js"
import { check, invalid, isOptions, window } from "./options.js"

const isLimit = (input: unknown): boolean => Predicate.isNumber(input) && Number.isSafeInteger(input) && input > 0

const rateLimit = (path: string, input: RateLimit | undefined): Validated<RateLimit> =>
  Either.gen(function*() {
    if (input === undefined || !isOptions(input)) return yield* invalid(path, "must be an object")
    if (!isLimit(input.limit)) return yield* invalid(`${path}.limit`, "must be a whole number above 0")
    return { limit: input.limit, window: yield* window(`${path}.window`, input.window) }
  })

/**
 * Validates the rate limits of an instance.
 */
export const rateLimits = (path: string, limits: RateLimits): Validated<RateLimits> =>
  Either.gen(function*() {
    yield* check(path, limits, isOptions, "must be an object")
    return {
      all: yield* rateLimit(`${path}.all`, limits.all),
      create: yield* rateLimit(`${path}.create`, limits.create),
      createBulk: yield* rateLimit(`${path}.createBulk`, limits.createBulk)
    }
  })
