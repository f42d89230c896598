import { maxBulkSize } from "@effect-clerk/core/CreateInvitation"
import { development } from "@effect-clerk/core/RateLimits"
import type { ConfigError } from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import type { Options, Start } from "../../../InviteCampaigns.js"
import type { Validated } from "../../client/options.js"
import { check, duration, invalid, isOptions, positiveDuration, required, toConfigError } from "../../client/options.js"
import { rateLimits } from "../../client/rateLimits.js"
import type { Settings } from "../model/settings.js"
import { defaultRetention } from "../model/settings.js"
import type { Tuning } from "../model/tuning.js"

const orElse = (input: Duration.Duration | undefined, millis: number): number =>
  input === undefined ? millis : Duration.toMillis(input)

const finite = (path: string, input: unknown, otherwise: number): Validated<number> =>
  Either.flatMap(positiveDuration(path, input), (value) =>
    value !== undefined && !Duration.isFinite(value)
      ? invalid(path, "must be a finite duration")
      : Either.right(orElse(value, otherwise)))

const isKey = (input: unknown): boolean => Predicate.isString(input) && input.length > 0 && input.length <= 200

const validate = (options: Options): Validated<Tuning> =>
  Either.gen(function*() {
    yield* required("options", options, isOptions, "must be an object")
    yield* check("key", options.key, isKey, "must be a string of 1 to 200 characters")
    const limits = yield* rateLimits("limits", options.limits ?? development)
    if (limits.all.limit < maxBulkSize) return yield* invalid("limits.all.limit", `must be at least ${maxBulkSize}`)
    const slice = yield* finite("slice", options.slice, 10_000)
    const callTimeout = yield* finite("callTimeout", options.callTimeout, 12_000)
    const lease = yield* finite("lease", options.lease, 30_000)
    if (lease <= slice + callTimeout) {
      return yield* invalid("lease", "must be longer than slice and callTimeout together")
    }
    return {
      limits,
      key: options.key ?? "clerk",
      slice,
      lease,
      callTimeout,
      reconcileTimeout: yield* finite("reconcileTimeout", options.reconcileTimeout, 60_000)
    }
  })

/**
 * Resolves the options of a layer.
 */
export const make = (options: Options = {}): Effect.Effect<Tuning, ConfigError> =>
  Effect.mapError(validate(options), toConfigError)

/**
 * Resolves the interval of a poller.
 */
export const every = (input: Duration.DurationInput | undefined): Effect.Effect<Duration.Duration, ConfigError> =>
  Effect.mapBoth(finite("every", input, 5000), { onFailure: toConfigError, onSuccess: Duration.millis })

const isPrefix = (input: unknown): boolean => Predicate.isString(input) && /^[A-Za-z_]\w{0,39}$/.test(input)

/**
 * Resolves the prefix of the names of the tables.
 */
export const prefix = (input: string | undefined): Effect.Effect<string, ConfigError> =>
  Effect.mapBoth(
    check("prefix", input, isPrefix, "must be a name of at most 40 letters, digits and underscores"),
    { onFailure: toConfigError, onSuccess: (name) => name ?? "effect_clerk" }
  )

const isOnExisting = (input: unknown): boolean => input === "report" || input === "reuse" || input === "resend"

const isTimes = (input: unknown): boolean =>
  Predicate.isNumber(input) && Number.isInteger(input) && input >= 1 && input <= 100

const followUp = (options: Start["followUp"], retention: number): Validated<Settings["followUp"]> =>
  Either.gen(function*() {
    if (options === undefined) return undefined
    yield* required("followUp", options, isOptions, "must be an object")
    yield* required("followUp.after", options.after, Predicate.isNotUndefined, "must be a duration")
    const after = Math.ceil(yield* finite("followUp.after", options.after, 0))
    yield* check("followUp.times", options.times, isTimes, "must be a whole number from 1 to 100")
    const times = options.times ?? 1
    return after * times < retention
      ? { after, times }
      : yield* invalid(
        "retention",
        `must be longer than the last follow-up, ${
          Duration.format(Duration.millis(after * times))
        } after the invitation`
      )
  })

const maxRetention = Duration.toMillis(Duration.days(36_500))

const boolean = (path: string, input: boolean | undefined): Validated<boolean | undefined> =>
  check(path, input, Predicate.isBoolean, "must be true or false")

/**
 * Resolves whether a driver works on campaigns.
 */
export const work = (input: boolean | undefined): Effect.Effect<boolean, ConfigError> =>
  Effect.mapBoth(boolean("work", input), { onFailure: toConfigError, onSuccess: (value) => value ?? true })

/**
 * Validates the options of `start`.
 */
export const settings = <E, R>(options: Start<E, R>): Validated<Settings> =>
  Either.gen(function*() {
    yield* required("options", options, isOptions, "must be an object")
    yield* required("id", options.id, isKey, "must be a string of 1 to 200 characters")
    yield* required(
      "people",
      options.people,
      (input) => Predicate.isIterable(input) || Predicate.isObject(input),
      "must be an iterable or a Stream"
    )
    yield* check(
      "onExisting",
      options.onExisting,
      isOnExisting,
      "must be \"report\", \"reuse\" or \"resend\""
    )
    yield* check("tenant", options.tenant, isKey, "must be a string of 1 to 200 characters")
    const retention = orElse(yield* duration("retention", options.retention), Duration.toMillis(defaultRetention))
    const followedUp = yield* followUp(options.followUp, retention)
    return {
      onExisting: options.onExisting ?? "report",
      checkExisting: (yield* boolean("checkExisting", options.checkExisting)) ?? true,
      useSingleCreates: (yield* boolean("useSingleCreates", options.useSingleCreates)) ?? true,
      allowDuplicates: (yield* boolean("allowDuplicates", options.allowDuplicates)) ?? false,
      retention: Math.min(Math.ceil(retention), maxRetention),
      ...(options.tenant === undefined ? {} : { tenant: options.tenant }),
      ...(followedUp === undefined ? {} : { followUp: followedUp })
    }
  })
