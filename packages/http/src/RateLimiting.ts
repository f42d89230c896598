/**
 * Client-side rate limits: the calls of a layer wait for the limits instead of getting a 429.
 *
 * Every attempt takes a token of each of its quotas, retries and look-ups included: one of `all`, and one of its endpoint if the
 * endpoint has a quota of its own. Tokens are handed out in the order of the requests for them. A token is returned after
 * window + margin, where margin = min(window / 10, `timeout.attempt` + 20 seconds). As long as requests reach Clerk within the
 * margin, no sliding window on the server exceeds its limit. The margin costs 0.8 % of the hourly limits and 9 % of the limit of
 * all calls.
 *
 * Waiting for a token does not count against the timeouts of a call (see `Timeouts`). `maxWait` bounds it.
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
 * The options of the client-side rate limits.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * The limits. Defaults to Clerk's published limits for the key's instance type: production for `sk_live_…`, otherwise
   * development.
   */
  readonly limits?: RateLimits | undefined
  /**
   * The limiter that counts the calls. Defaults to a limiter in memory, for this layer only. With a limiter over
   * `RateLimiter/Redis`, many processes share the limits.
   */
  readonly limiter?: RateLimiter | undefined
  /**
   * The prefix of the keys in a shared store. All layers that share limits need the same prefix, and other layers another one.
   * Defaults to `effect-clerk:` and a digest of the secret key. Required if one instance is called with several secret keys.
   */
  readonly key?: string | undefined
  /**
   * How long an attempt may wait for its tokens. If the wait would be longer, the call fails with `RateLimited`. Unlimited by
   * default, which may mean hours; see `locally`.
   */
  readonly maxWait?: Duration.DurationInput | undefined
  /**
   * The behaviour if a shared store is unavailable: `"fail"` fails with `RateLimited`; `"local"` continues without the store, at
   * an even rate of `localShare` of the limits. Defaults to `"fail"`.
   */
  readonly onStoreFailure?: "fail" | "local" | undefined
  /**
   * The share of the limits that this process uses while a shared store is unavailable: above 0, at most 1. One divided by the
   * number of processes is safe. Defaults to 0.1.
   */
  readonly localShare?: number | undefined
  /**
   * How long a shared store may take to respond. Defaults to 1 second.
   */
  readonly storeTimeout?: Duration.DurationInput | undefined
}

/**
 * Accepted wherever rate limits are configured: options; `"off"`, which only reacts to a 429; or `"clerk"`, which keeps Clerk's
 * published limits in memory.
 *
 * @since 0.1.0
 * @category models
 */
export type Input = Options | "off" | "clerk"

/**
 * The options of a region of code.
 *
 * @since 0.1.0
 * @category models
 */
export interface LocalOptions {
  /**
   * How long an attempt may wait for its tokens.
   */
  readonly maxWait: Duration.DurationInput
}

/**
 * The `maxWait` of a region of code; `None` if the layer's applies.
 *
 * @since 0.1.0
 * @category fiber refs
 */
export const currentMaxWait: FiberRef.FiberRef<Option.Option<Duration.Duration>> = globalValue(
  "@effect-clerk/http/RateLimiting/currentMaxWait",
  () => FiberRef.unsafeMake<Option.Option<Duration.Duration>>(Option.none())
)

/**
 * Sets `maxWait` for the calls of an effect, in place of the layer's: a job can wait for an hour, a request handler cannot.
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
