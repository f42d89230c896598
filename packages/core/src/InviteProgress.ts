/**
 * Progress of an `inviteMany` job, and estimates of its duration.
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
import type * as InviteOutcome from "./InviteOutcome.js"
import type { RateLimits } from "./RateLimits.js"

/**
 * The progress of a job after one of its outcomes.
 *
 * @since 0.1.0
 * @category models
 */
export interface InviteProgress {
  /** The number of inputs with an outcome so far. */
  readonly done: number
  /** The number of inputs with an outcome so far, by `_tag`. `Stopped` is not among them: it belongs to no input. */
  readonly byKind: { readonly [Kind in InviteOutcome.InputOutcome["_tag"]]: number }
  /** The time since the stream was started. */
  readonly elapsed: Duration.Duration
  /** The average number of outcomes an hour so far; 0 if no time has passed. */
  readonly ratePerHour: number
  /** The number of outcomes still expected. `None` without `total`. */
  readonly remaining: Option.Option<number>
  /**
   * Estimated completion time: from the remaining quota if `limits` is given, otherwise from the average rate so far.
   * `None` without `total`.
   */
  readonly estimatedEnd: Option.Option<DateTime.Utc>
}

/**
 * Options of {@link track}, known before the job starts.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * The number of inputs. Without it, `remaining` and `estimatedEnd` are `None`.
   */
  readonly total?: number | undefined
  /**
   * The rate limits of the Clerk instance, for example `RateLimits.production`. Defaults to none.
   */
  readonly limits?: Pick<RateLimits, "create" | "createBulk"> | undefined
  /**
   * Whether the job sends single creates beside the bulk calls. Defaults to `true`, as in `inviteMany`.
   */
  readonly useSingleCreates?: boolean | undefined
}

/** The invitations that one endpoint allows in each window, in milliseconds. */
interface Quota {
  readonly amount: number
  readonly window: number
}

const quotasOf = (
  { create, createBulk }: Pick<RateLimits, "create" | "createBulk">,
  useSingleCreates = true
): ReadonlyArray<Quota> => [
  ...(useSingleCreates ? [{ amount: create.limit, window: Duration.toMillis(create.window) }] : []),
  { amount: createBulk.limit * maxBulkSize, window: Duration.toMillis(createBulk.window) }
]

const ratePerMillisecond = (quotas: ReadonlyArray<Quota>): number =>
  quotas.reduce((sum, { amount, window }) => sum + amount / window, 0)

/**
 * The shortest time in which `limits` allow `count` invitations: each window's quota is used at once when the window
 * begins.
 * `Duration.infinity` if the limits allow none. `sent` is the number of invitations already created in the current
 * windows, which are assumed to have just begun; it defaults to 0.
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
  const quotas = quotasOf(options.limits, options.useSingleCreates).filter(({ amount }) => amount > 0)
  const wanted = options.count <= 0 ? 0 : options.count + (options.sent ?? 0)
  if (wanted === 0) return Duration.zero
  if (quotas.length === 0) return Duration.infinity
  const createdBy = (time: number): number =>
    quotas.reduce((sum, { amount, window }) => sum + amount * (Math.floor(time / window) + 1), 0)
  // Binary search for the first millisecond at which the quotas have allowed enough.
  let low = 0
  let high = Math.ceil(wanted / ratePerMillisecond(quotas))
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (createdBy(middle) >= wanted) high = middle
    else low = middle + 1
  }
  return Duration.millis(low)
}

/**
 * The counts of a job without outcomes, for a program that counts them by itself.
 *
 * @since 0.1.0
 * @category constants
 */
export const noOutcomes: InviteProgress["byKind"] = {
  Created: 0,
  AlreadyInvited: 0,
  UserExists: 0,
  Rejected: 0,
  Unknown: 0,
  Repeated: 0,
  NotAttempted: 0
}

/**
 * Estimates waits from the quotas that recent creates leave.
 */
const makeQuotaEstimator = (quotas: ReadonlyArray<Quota>) => {
  const capacity = quotas.reduce((sum, { amount }) => sum + amount, 0)
  const window = quotas.reduce((longest, quota) => Math.max(longest, quota.window), 0)
  // Older times cannot matter: a window never has more creates than the capacity.
  let times: Array<number> = []
  return {
    add: (now: number): void => {
      times.push(now)
      if (times.length > 2 * capacity) times = times.slice(-capacity)
    },
    waitMillis: (now: number, remaining: number): number => {
      const used = times.filter((time) => time > now - window).length
      return Math.max(0, remaining - Math.max(0, capacity - used)) / ratePerMillisecond(quotas)
    }
  }
}

// The wall clock may go back, or jump.
const monotonicMillis = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos / 1_000_000n))

const tracked = <E, R>(
  self: Stream.Stream<InviteOutcome.InviteOutcome, E, R>,
  { limits, total, useSingleCreates }: Options
): Stream.Stream<readonly [outcome: InviteOutcome.InviteOutcome, progress: InviteProgress], E, R> =>
  Stream.unwrap(Effect.map(monotonicMillis, (start) => {
    const estimator = limits === undefined ? undefined : makeQuotaEstimator(quotasOf(limits, useSingleCreates))
    let done = 0
    let byKind = noOutcomes

    const waitMillis = (now: number, remaining: number): number =>
      estimator === undefined ? remaining * (now - start) / Math.max(1, done) : estimator.waitMillis(now, remaining)

    return Stream.mapEffect(
      self,
      (outcome) =>
        Effect.zipWith(monotonicMillis, Clock.currentTimeMillis, (now, wallClock) => {
          if (outcome._tag !== "Stopped") {
            done++
            byKind = { ...byKind, [outcome._tag]: byKind[outcome._tag] + 1 }
          }
          if (outcome._tag === "Created") estimator?.add(now)
          const elapsed = now - start
          const remaining = Option.map(Option.fromNullable(total), (all) => Math.max(0, all - done))
          return [outcome, {
            done,
            byKind,
            elapsed: Duration.millis(elapsed),
            ratePerHour: elapsed === 0 ? 0 : done / Duration.toHours(Duration.millis(elapsed)),
            remaining,
            estimatedEnd: Option.flatMap(
              remaining,
              (left) => DateTime.make(wallClock + Math.ceil(waitMillis(now, left)))
            )
          }] as const
        })
    )
  }))

/**
 * Pairs every outcome with the progress of the job.
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
    self: Stream.Stream<InviteOutcome.InviteOutcome, E, R>
  ) => Stream.Stream<readonly [outcome: InviteOutcome.InviteOutcome, progress: InviteProgress], E, R>
  <E, R>(
    self: Stream.Stream<InviteOutcome.InviteOutcome, E, R>,
    options?: Options
  ): Stream.Stream<readonly [outcome: InviteOutcome.InviteOutcome, progress: InviteProgress], E, R>
} = dual(
  (args) => Predicate.isObject(args[0]) && Stream.StreamTypeId in args[0],
  <E, R>(self: Stream.Stream<InviteOutcome.InviteOutcome, E, R>, options: Options = {}) => tracked(self, options)
)
