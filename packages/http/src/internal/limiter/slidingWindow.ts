import type { RateLimiter, RateLimiterError } from "@effect/experimental/RateLimiter"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/**
 * A quota in a store that several processes may share.
 */
export interface SlidingWindow {
  /** Reserves the next call and returns in how many milliseconds it is due. */
  readonly reserve: Effect.Effect<number, RateLimiterError>
  /** Prevents new reservations for `millis` milliseconds. Existing reservations stay valid. */
  readonly block: (millis: number) => Effect.Effect<void, RateLimiterError>
}

/**
 * A quota of `limit` calls in any sliding window of `window` milliseconds.
 *
 * Neither algorithm of Effect's `RateLimiter` enforces that. A full token bucket of N tokens lets 2N calls through within a window,
 * and so does its fixed window, which returns tokens one by one. With a limit of 1, however, a fixed window is exact: it starts
 * with the call that opened it, and `"delay"` places each further call one window later. So the quota consists of N slots of one
 * call each. A counter in the same store assigns the slots in rotation, so that calls are due in the order of their reservation,
 * across all processes.
 *
 * Over Redis both commands use the clock of the server, and a slot is a key that expires by itself. The token buckets of the Redis
 * store use the clock of each client and never expire, and `SET … PX` rejects a window that the limit does not divide into whole
 * milliseconds. This module uses neither.
 */
export const make = (
  limiter: RateLimiter,
  { key, limit, window }: { readonly key: string; readonly limit: number; readonly window: number }
): SlidingWindow => {
  const nextSequence = Effect.map(
    limiter.consume({
      algorithm: "fixed-window",
      onExceeded: "delay",
      key: `${key}:sequence`,
      limit,
      // The counter expires one window after the last reservation at the earliest, when all slots are free again.
      window: Duration.millis(window * limit)
    }),
    // The number of reservations so far. `remaining` is negative beyond the limit.
    ({ remaining }) => limit - remaining
  )
  const slotKey = (index: number) => `${key}:${index}`
  return {
    reserve: Effect.flatMap(nextSequence, (sequence) =>
      Effect.map(
        limiter.consume({
          algorithm: "fixed-window",
          onExceeded: "delay",
          key: slotKey(((sequence % limit) + limit) % limit),
          limit: 1,
          window: Duration.millis(window)
        }),
        ({ delay }) => Math.ceil(Duration.toMillis(delay))
      )),
    block: (millis) =>
      Effect.forEach(
        Array.from({ length: limit }, (_, index) => slotKey(index)),
        (key) =>
          Effect.catchIf(
            limiter.consume({
              algorithm: "fixed-window",
              onExceeded: "fail",
              key,
              limit: 1,
              window: Duration.millis(millis)
            }),
            ({ reason }) => reason === "Exceeded",
            () => Effect.void
          ),
        { concurrency: 50, discard: true }
      )
  }
}
