import type { RateLimiter, RateLimiterError } from "@effect/experimental/RateLimiter"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/**
 * A quota in a store that others may share.
 */
export interface SlidingWindow {
  /** Takes the next turn; answers how long it is until then, in milliseconds. */
  readonly reserve: Effect.Effect<number, RateLimiterError>
  /** Lets nobody have a turn for so many milliseconds, unless they have it already. */
  readonly block: (millis: number) => Effect.Effect<void, RateLimiterError>
}

/**
 * A quota of so many turns in any sliding window.
 *
 * Neither algorithm of the limiter keeps that: a bucket of N tokens that is full lets 2N through within a window, and so does
 * what it calls a fixed window, which hands tokens back one by one. With a limit of 1, though, a fixed window is exact: it lasts
 * from the turn that opened it, and `"delay"` appends turns a window apart. So the quota is N slots of one turn each. A counter
 * in the same store deals them out by rotation, which makes turns come in the order in which they were asked for, whoever asks.
 *
 * Over Redis both commands go by the clock of the server, and a slot is a key that expires by itself. What else the store can do
 * is avoided: its buckets go by the clock of each client and never expire, and a window that its limit does not divide into whole
 * milliseconds is refused by `SET … PX`.
 */
export const make = (
  limiter: RateLimiter,
  { key, limit, window }: { readonly key: string; readonly limit: number; readonly window: number }
): SlidingWindow => {
  const next = Effect.map(
    limiter.consume({
      algorithm: "fixed-window",
      onExceeded: "delay",
      key: `${key}:turn`,
      limit,
      // It is forgotten a window after the last turn at the earliest, when all slots are free again.
      window: Duration.millis(window * limit)
    }),
    // The count, however far beyond the limit it is.
    ({ remaining }) => limit - remaining
  )
  const slot = (index: number) => `${key}:${index}`
  return {
    reserve: Effect.flatMap(next, (turn) =>
      Effect.map(
        limiter.consume({
          algorithm: "fixed-window",
          onExceeded: "delay",
          key: slot(((turn % limit) + limit) % limit),
          limit: 1,
          window: Duration.millis(window)
        }),
        ({ delay }) => Math.ceil(Duration.toMillis(delay))
      )),
    block: (millis) =>
      Effect.forEach(
        Array.from({ length: limit }, (_, index) => slot(index)),
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
