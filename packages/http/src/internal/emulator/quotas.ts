import type { Operation } from "@effect-clerk/core/InvitationError"
import type { RateLimit, RateLimits } from "@effect-clerk/core/RateLimits"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { InvitationsControl } from "../../InvitationsControl.js"

/**
 * Counts calls against limits, over a sliding window.
 */
export interface Quotas {
  /** Takes one call; answers how long to wait, in milliseconds, if there is none left. */
  readonly take: (operation: Operation, now: number) => Option.Option<number>
  /** Gives back what the call has taken. */
  readonly giveBack: (operation: Operation) => void
  /** What there is left of each. */
  readonly left: (now: number) => InvitationsControl.Quotas | "off"
}

const makeQuota = ({ limit, window }: RateLimit) => {
  const millis = Duration.toMillis(window)
  const taken: Array<number> = []
  const forget = (now: number): void => {
    while (taken[0] !== undefined && taken[0] <= now - millis) taken.shift()
  }
  return {
    left: (now: number): InvitationsControl.Quota => {
      forget(now)
      return {
        limit,
        window,
        remaining: limit - taken.length,
        resetsAt: Option.map(Option.fromNullable(taken[0]), (first) => DateTime.unsafeMake(first + millis))
      }
    },
    wait: (now: number): number => {
      forget(now)
      return taken.length < limit ? 0 : (taken[0] ?? now) + millis - now
    },
    take: (now: number) => taken.push(now),
    giveBack: () => taken.pop()
  }
}

export const unlimited: Quotas = { take: () => Option.none(), giveBack: () => {}, left: () => "off" }

export const make = (limits: RateLimits): Quotas => {
  const all = makeQuota(limits.all)
  const own = { create: makeQuota(limits.create), createBulk: makeQuota(limits.createBulk) }
  const quotasOf = (operation: Operation) =>
    operation === "create" || operation === "createBulk" ? [all, own[operation]] : [all]
  return {
    take: (operation, now) => {
      const quotas = quotasOf(operation)
      const wait = Math.max(...quotas.map((quota) => quota.wait(now)))
      if (wait > 0) return Option.some(wait)
      for (const quota of quotas) quota.take(now)
      return Option.none()
    },
    giveBack: (operation) => {
      for (const quota of quotasOf(operation)) quota.giveBack()
    },
    left: (now) => ({ all: all.left(now), create: own.create.left(now), createBulk: own.createBulk.left(now) })
  }
}
