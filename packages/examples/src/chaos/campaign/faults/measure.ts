/**
 * Measures when a campaign goes on after a fault.
 */
import type * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
import type { Duration } from "effect"
import { Clock, Effect, Option, Schedule } from "effect"
import * as Leases from "./leases.js"
import { main } from "./plan.js"

/**
 * A fault that makes the campaign stand still, or the end of such a fault.
 */
export interface Moment {
  /** In Unix milliseconds. The database has the same clock. */
  readonly at: number
  /** The fence of the last lease before. */
  readonly fence: number
}

/** How long it took after a moment, in milliseconds. */
export interface Resumption {
  /** Until the next lease. */
  readonly takeOver: number
  /** Until the next outcome of a person. */
  readonly work: number
}

const often = "50 millis"

/** Repeats an effect while the database is down. */
export const untilUp = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.orDie(Effect.retry(self, { schedule: Schedule.spaced(often) }))

/** Repeats an effect until it has a result. */
export const untilSome = <A, E, R>(
  self: Effect.Effect<Option.Option<A>, E, R>,
  every: Duration.DurationInput = often
): Effect.Effect<A, E, R> =>
  Effect.flatMap(
    self,
    (found) => Option.isSome(found) ? Effect.succeed(found.value) : Effect.delay(untilSome(self, every), every)
  )

const doneOf = (campaigns: InviteCampaigns.Service) =>
  Effect.flatMap(untilUp(campaigns.get(main)), ({ done, hasEnded }) =>
    hasEnded
      ? Effect.dieMessage("the campaign ended before the last fault: it needs more --people")
      : Effect.succeed(done))

/** Waits until the campaign has a lease after the moment, and then an outcome. */
export const resumption = (campaigns: InviteCampaigns.Service, { at, fence }: Moment) =>
  Effect.gen(function*() {
    const before = yield* doneOf(campaigns)
    const lease = yield* untilSome(Effect.map(untilUp(Leases.all), (leases) =>
      Option.fromNullable(
        leases.find((lease) => lease.campaign === main && lease.fence > fence)
      )))
    yield* untilSome(Effect.map(doneOf(campaigns), Option.liftPredicate((done) => done > before)))
    return { takeOver: Math.max(0, lease.at - at), work: (yield* Clock.currentTimeMillis) - at } satisfies Resumption
  })
