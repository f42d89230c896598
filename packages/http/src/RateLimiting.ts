/**
 * Client-side rate limits: the calls of a layer wait for the limits instead of getting a 429.
 *
 * Every attempt takes a token of each of its quotas, retries and look-ups included: one of `all`, and one of its endpoint if the
 * endpoint has a quota of its own. An attempt takes all of its tokens at one moment: the first at which each of its quotas has one.
 * Of the attempts that could be sent, the one that has waited longest is sent first. A token is returned after
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
import type * as Duration from "effect/Duration"

/**
 * The options of the client-side rate limits.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * The limits. Defaults to Clerk's published limits for the key's instance type: production for `sk_live_…`, otherwise
   * development. If `secretKey` is an effect, the layer reads it once more for this default.
   */
  readonly limits?: RateLimits | undefined
  /**
   * The limiter that counts the calls. Defaults to a limiter in memory, for this layer only. With a limiter over
   * `RateLimiter/Redis`, many processes share the limits. A store has no operation that reserves in two quotas at once: an attempt
   * reserves in its scarcer quota first, and loses that reservation if its wait for the other quota outlasts the margin.
   */
  readonly limiter?: RateLimiter | undefined
  /**
   * The prefix of the keys in a shared store. All layers that share limits need the same prefix, and other layers another one.
   * Defaults to `effect-clerk:` and a digest of the secret key. Required if one instance is called with several secret keys, and
   * with `limiter` if `secretKey` is an effect.
   */
  readonly key?: string | undefined
  /**
   * How long an attempt may wait for its tokens. If the wait would be longer, the call fails with `RateLimited`. Unlimited by
   * default, which may mean hours; `InvitationsHttp.withMaxRateLimitWait` sets it for a region of code.
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
