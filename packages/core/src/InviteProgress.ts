/**
 * How far a job of `inviteMany` has got, and how long it will take.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import { maxBulkSize } from "./CreateInvitation.js"
import type { InviteOutcome } from "./InviteOutcome.js"
import type { RateLimits } from "./RateLimits.js"

/**
 * How far a job has got.
 *
 * @since 0.1.0
 * @category models
 */
export interface InviteProgress {
  /** Outcomes so far, of every kind. */
  readonly done: number
  /** How many of each kind. */
  readonly byKind: { readonly [Kind in InviteOutcome["_tag"]]: number }
  /** Since the job began. */
  readonly elapsed: Duration.Duration
  /** Outcomes an hour, on average so far; 0 as long as no time has passed. */
  readonly ratePerHour: number
  /** How many there are to come; none where the total is not known. */
  readonly remaining: Option.Option<number>
  /**
   * When it may end: by what is left of the limits where they are known, by the rate so far otherwise; none where the total is
   * not known, or nothing has been done yet.
   */
  readonly estimatedEnd: Option.Option<DateTime.Utc>
}

/**
 * What is known of the job beforehand; the more, the better the estimate.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * How many inputs there are, if that is known.
   */
  readonly total?: number | undefined
  /**
   * The limits that the job runs under, for example `RateLimits.production`.
   */
  readonly limits?: Pick<RateLimits, "create" | "createBulk"> | undefined
  /**
   * Whether the job sends singles as well. Defaults to `true`, as in `inviteMany`.
   */
  readonly useSingleCreates?: boolean | undefined
}

type Lanes = ReadonlyArray<{ readonly amount: number; readonly window: number }>

const lanesOf = ({ create, createBulk }: Pick<RateLimits, "create" | "createBulk">, useSingleCreates = true): Lanes => [
  ...(useSingleCreates ? [{ amount: create.limit, window: Duration.toMillis(create.window) }] : []),
  { amount: createBulk.limit * maxBulkSize, window: Duration.toMillis(createBulk.window) }
]

const perMillisecond = (lanes: Lanes): number => lanes.reduce((sum, { amount, window }) => sum + amount / window, 0)

/**
 * How long it takes at best to create so many invitations under these limits: as many as they allow at once, and again whenever a
 * window is over. Infinite where they allow none. `sent` is what has been created in the window that has just begun.
 *
 * @since 0.1.0
 * @category utils
 * @example
 * ```ts
 * import { InviteProgress, RateLimits } from "@effect-clerk/core"
 * import { Duration } from "effect"
 *
 * const best = InviteProgress.estimate({ count: 10_000, limits: RateLimits.production })
 * Duration.format(best) // "1d 4h"
 * ```
 */
export const estimate = (options: {
  readonly count: number
  readonly limits: Pick<RateLimits, "create" | "createBulk">
  readonly sent?: number | undefined
  readonly useSingleCreates?: boolean | undefined
}): Duration.Duration => {
  const lanes = lanesOf(options.limits, options.useSingleCreates).filter(({ amount }) => amount > 0)
  const wanted = options.count <= 0 ? 0 : options.count + (options.sent ?? 0)
  if (wanted === 0) return Duration.zero
  if (lanes.length === 0) return Duration.infinity
  const createdBy = (time: number): number =>
    lanes.reduce((sum, { amount, window }) => sum + amount * (Math.floor(time / window) + 1), 0)
  let low = 0
  let high = Math.ceil(wanted / perMillisecond(lanes))
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (createdBy(middle) >= wanted) high = middle
    else low = middle + 1
  }
  return Duration.millis(low)
}

const none: InviteProgress["byKind"] = {
  Created: 0,
  AlreadyInvited: 0,
  UserExists: 0,
  Rejected: 0,
  Unknown: 0,
  Repeated: 0
}

/**
 * What is left of the limits, by when invitations were created lately.
 */
const makeQuota = (lanes: Lanes) => {
  const capacity = lanes.reduce((sum, { amount }) => sum + amount, 0)
  const window = lanes.reduce((longest, lane) => Math.max(longest, lane.window), 0)
  // Never longer than the capacity: what is older than that many has left the window.
  let times: Array<number> = []
  return {
    add: (now: number): void => {
      times.push(now)
      if (times.length > 2 * capacity) times = times.slice(-capacity)
    },
    wait: (now: number, remaining: number): number => {
      const used = times.filter((time) => time > now - window).length
      return Math.max(0, remaining - Math.max(0, capacity - used)) / perMillisecond(lanes)
    }
  }
}

const tracked = <E, R>(
  self: Stream.Stream<InviteOutcome, E, R>,
  { limits, total, useSingleCreates }: Options
): Stream.Stream<readonly [outcome: InviteOutcome, progress: InviteProgress], E, R> =>
  Stream.unwrap(Effect.map(Clock.currentTimeMillis, (start) => {
    const quota = limits === undefined ? undefined : makeQuota(lanesOf(limits, useSingleCreates))
    let done = 0
    let byKind = none

    const wait = (now: number, remaining: number): number => {
      if (quota !== undefined) return quota.wait(now, remaining)
      return remaining * (now - start) / done
    }

    return Stream.mapEffect(self, (outcome) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        done++
        byKind = { ...byKind, [outcome._tag]: byKind[outcome._tag] + 1 }
        if (outcome._tag === "Created") quota?.add(now)
        const elapsed = now - start
        const remaining = Option.map(Option.fromNullable(total), (all) => Math.max(0, all - done))
        return [outcome, {
          done,
          byKind,
          elapsed: Duration.millis(elapsed),
          ratePerHour: elapsed === 0 ? 0 : done / Duration.toHours(Duration.millis(elapsed)),
          remaining,
          estimatedEnd: Option.flatMap(remaining, (left) => DateTime.make(now + Math.ceil(wait(now, left))))
        }] as const
      }))
  }))

/**
 * Adds to every outcome how far the job has got with it.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { InvitationsService, InviteProgress, RateLimits } from "@effect-clerk/core"
 * import { Console, DateTime, Effect, Option, Stream } from "effect"
 *
 * const invite = (addresses: ReadonlyArray<string>) =>
 *   Effect.flatMap(InvitationsService, (invitations) =>
 *     invitations.inviteMany(addresses.map((emailAddress) => ({ emailAddress }))).pipe(
 *       InviteProgress.track({ total: addresses.length, limits: RateLimits.production }),
 *       Stream.runForEach(([, { done, estimatedEnd }]) =>
 *         Console.log(`${done} of ${addresses.length}, until ${Option.getOrElse(Option.map(estimatedEnd, DateTime.formatIso), () => "?")}`)
 *       )
 *     ))
 * ```
 */
export const track: {
  (options?: Options): <E, R>(
    self: Stream.Stream<InviteOutcome, E, R>
  ) => Stream.Stream<readonly [outcome: InviteOutcome, progress: InviteProgress], E, R>
  <E, R>(
    self: Stream.Stream<InviteOutcome, E, R>,
    options?: Options
  ): Stream.Stream<readonly [outcome: InviteOutcome, progress: InviteProgress], E, R>
} = dual(
  (args) => Predicate.isObject(args[0]) && Stream.StreamTypeId in args[0],
  <E, R>(self: Stream.Stream<InviteOutcome, E, R>, options: Options = {}) => tracked(self, options)
)
