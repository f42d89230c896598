/**
 * Keeps the calls of a layer below the rate limits, so that they wait here and not run into a 429.
 *
 * Every attempt takes a token, further attempts and look-ups included: one of all calls, and one of its endpoint where that has a
 * limit of its own. Tokens are handed out in the order in which they are asked for. No sliding window, by the clock of the server,
 * gets more than its limit, as long as a request is on its way for less than the margin: the time that a token stays away is the
 * window and a tenth of it, and no longer than the limit of an attempt and 20 seconds more. That costs 0.8 % of the hourly limits
 * and 9 % of the limit of all calls.
 *
 * A wait for a token is no part of the deadline of a call (see `Timeouts`). It is bounded by `maxWait`.
 *
 * @since 0.1.0
 */
import type { RateLimits } from "@effect-clerk/core/RateLimits"
import type { RateLimiter } from "@effect/experimental/RateLimiter"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import { dual } from "effect/Function"
import { globalValue } from "effect/GlobalValue"
import * as Option from "effect/Option"

/**
 * Which limits to keep, and who keeps count.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * The limits. Defaults to those that Clerk publishes for the instance that the key is of: production for `sk_live_…`,
   * otherwise development.
   */
  readonly limits?: RateLimits | undefined
  /**
   * Who keeps count. Defaults to one in memory, for this layer alone. With one over `RateLimiter/Redis`, many processes share the
   * limits.
   */
  readonly limiter?: RateLimiter | undefined
  /**
   * What the keys in a shared store begin with: all who share the limits have to have the same, and nobody else. Defaults to
   * `effect-clerk:` and a digest of the secret key. It has to be given where one instance is called with several keys.
   */
  readonly key?: string | undefined
  /**
   * How long an attempt may wait for its token; beyond that the call fails with `RateLimited`. Defaults to as long as it takes,
   * which may be hours; see `locally`.
   */
  readonly maxWait?: Duration.DurationInput | undefined
  /**
   * What happens when a shared store cannot be asked: `"fail"` fails with `RateLimited`, and `"local"` goes on without it,
   * at an even pace of `localShare` of the limits. Defaults to `"fail"`.
   */
  readonly onStoreFailure?: "fail" | "local" | undefined
  /**
   * The share of the limits that this process may use by itself while a shared store cannot be asked, above 0 and at most 1. One
   * divided by the number of processes is safe. Defaults to 0.1.
   */
  readonly localShare?: number | undefined
  /**
   * How long a shared store may take to answer. Defaults to 1 second.
   */
  readonly storeTimeout?: Duration.DurationInput | undefined
}

/**
 * What is taken for rate limiting: `"off"` reacts to a 429 only, `"clerk"` keeps the limits that Clerk publishes, in memory.
 *
 * @since 0.1.0
 * @category models
 */
export type Input = Options | "off" | "clerk"

/**
 * What can be different in a region of code.
 *
 * @since 0.1.0
 * @category models
 */
export interface LocalOptions {
  /**
   * How long an attempt may wait for its token.
   */
  readonly maxWait: Duration.DurationInput
}

/**
 * The longest wait for a token in a region of code, where it differs from that of the layer.
 *
 * @since 0.1.0
 * @category fiber refs
 */
export const currentMaxWait: FiberRef.FiberRef<Option.Option<Duration.Duration>> = globalValue(
  "@effect-clerk/http/RateLimiting/currentMaxWait",
  () => FiberRef.unsafeMake<Option.Option<Duration.Duration>>(Option.none())
)

/**
 * Bounds how long the attempts of an effect may wait for a token, whatever the layer allows: a request handler cannot wait for an
 * hour, where a job can.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { InvitationsService } from "@effect-clerk/core"
 * import { RateLimiting } from "@effect-clerk/http"
 * import { Effect } from "effect"
 *
 * const invite = Effect.flatMap(InvitationsService, (_) => _.create({ emailAddress: "ada@example.com" })).pipe(
 *   RateLimiting.locally({ maxWait: "2 seconds" }),
 *   Effect.catchTag("RateLimited", ({ retryAfter }) => Effect.log("later", retryAfter))
 * )
 * ```
 */
export const locally: {
  (options: LocalOptions): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, options: LocalOptions): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, { maxWait }: LocalOptions): Effect.Effect<A, E, R> =>
    Effect.locally(self, currentMaxWait, Option.some(Duration.decode(maxWait)))
)
