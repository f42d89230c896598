import type { RateLimits } from "@effect-clerk/core"
import type { RateLimiting } from "@effect-clerk/http"
import { Duration } from "effect"
import type { Seen } from "./stub.js"
import * as stub from "./stub.js"
import type { Operation } from "./wire.js"

export const second = 1000

export const hour = 60 * 60 * second

/** The time until a token of an hourly limit is free again: the window and the margin for attempts of 10 seconds. */
export const tokenAway = hour + 30 * second

/** Limits that no test reaches, except those in `fields`. */
export const limits = (fields: Partial<RateLimits.RateLimits>): RateLimits.RateLimits => {
  const wide = { limit: 100_000, window: Duration.seconds(10) }
  return { all: wide, create: wide, createBulk: wide, ...fields }
}

/** Limits of `limit` creates an hour. */
export const perHour = (limit: number): RateLimits.RateLimits =>
  limits({ create: { limit, window: Duration.hours(1) } })

/** The largest number of times within one window of `window` milliseconds. */
export const busiest = (times: ReadonlyArray<number>, window: number): number => {
  const sorted = [...times].sort((a, b) => a - b)
  let from = 0
  let most = 0
  for (const [to, time] of sorted.entries()) {
    while ((sorted[from] ?? 0) <= time - window) from++
    most = Math.max(most, to - from + 1)
  }
  return most
}

/** The service over a stub whose every call succeeds. */
export const answering = (rateLimit: RateLimiting.Input) => stub.service(stub.properly, { rateLimit })

export const invite = (n: number) => ({ emailAddress: `person${n}@example.com` })

export const timesOf = (seen: ReadonlyArray<Seen>, operation: Operation): ReadonlyArray<number> =>
  seen.filter((request) => request.operation === operation).map(({ at }) => at)
