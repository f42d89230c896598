import type { Operation } from "@effect-clerk/core/InvitationError"
import type { RateLimit, RateLimits } from "@effect-clerk/core/RateLimits"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { InvitationsControl } from "../../InvitationsControl.js"

/**
 * Counts calls against rate limits with sliding windows.
 */
export interface Quotas {
  /** Counts one call. If a limit is exhausted, counts nothing and returns the wait in milliseconds. */
  readonly consume: (operation: Operation, now: number) => Option.Option<number>
  /** Uncounts the last call. */
  readonly release: (operation: Operation) => void
  /** The quota of every limit. */
  readonly remaining: (now: number) => InvitationsControl.Quotas | "off"
}

const makeQuota = ({ limit, window }: RateLimit) => {
  const millis = Duration.toMillis(window)
  const counted: Array<number> = []
  const dropExpired = (now: number): void => {
    while (counted[0] !== undefined && counted[0] <= now - millis) counted.shift()
  }
  return {
    remaining: (now: number): InvitationsControl.Quota => {
      dropExpired(now)
      return {
        limit,
        window,
        remaining: limit - counted.length,
        resetsAt: Option.map(Option.fromNullable(counted[0]), (oldest) => DateTime.unsafeMake(oldest + millis))
      }
    },
    wait: (now: number): number => {
      dropExpired(now)
      return counted.length < limit ? 0 : (counted[0] ?? now) + millis - now
    },
    consume: (now: number) => counted.push(now),
    release: () => counted.pop()
  }
}

export const unlimited: Quotas = {
  consume: () => Option.none(),
  release: () => {},
  remaining: () => "off"
}

export const make = (limits: RateLimits): Quotas => {
  const all = makeQuota(limits.all)
  const own = { create: makeQuota(limits.create), createBulk: makeQuota(limits.createBulk) }
  const quotasOf = (operation: Operation) =>
    operation === "create" || operation === "createBulk" ? [all, own[operation]] : [all]
  return {
    consume: (operation, now) => {
      const quotas = quotasOf(operation)
      const wait = Math.max(...quotas.map((quota) => quota.wait(now)))
      if (wait > 0) return Option.some(wait)
      for (const quota of quotas) quota.consume(now)
      return Option.none()
    },
    release: (operation) => {
      for (const quota of quotasOf(operation)) quota.release()
    },
    remaining: (now) => ({
      all: all.remaining(now),
      create: own.create.remaining(now),
      createBulk: own.createBulk.remaining(now)
    })
  }
}
