import * as RateLimiter from "@effect/experimental/RateLimiter"
import { Clock, Effect } from "effect"
import type * as stub from "../utils/stub.js"
import { errors } from "../utils/wire.js"

/** A limiter with a store in memory. */
export const inMemory = Effect.provide(RateLimiter.make, RateLimiter.layerStoreMemory)

/** A 429 with a `Retry-After` in seconds. */
export const tooManyRequests = (retryAfter: number): stub.Reaction => ({
  status: 429,
  headers: { "retry-after": String(retryAfter) },
  body: errors("too_many_requests")
})

/** Runs an effect and returns the time at which it ends, in milliseconds since the start of the test. */
export const endOf = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.zipRight(effect, Clock.currentTimeMillis)
