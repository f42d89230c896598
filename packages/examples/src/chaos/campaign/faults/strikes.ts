/**
 * The faults: each strike makes the campaign stand still once, and measures when it goes on.
 */
import type * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
import type { PgClient } from "@effect/sql-pg"
import { Clock, Duration, Effect, Option, Random } from "effect"
import type { Fleet, Machine } from "./fleet.js"
import * as Leases from "./leases.js"
import type { Moment, Resumption } from "./measure.js"
import { resumption, untilSome, untilUp } from "./measure.js"
import { main } from "./plan.js"
import type { Server } from "./postgres.js"

/**
 * What a strike works with.
 */
export interface World {
  readonly fleet: Fleet
  readonly campaigns: InviteCampaigns.Service
  readonly postgres: Server
  /** Runs when a fault has hit the machines. */
  readonly onHit: Effect.Effect<void>
}

export type Strike = (world: World, index: number) => Effect.Effect<Resumption, never, PgClient.PgClient>

const owner = untilSome(untilUp(Leases.current(main)), "5 millis")

// At a random moment of a slice. If the slice ends just before the signal, the next owner gets a signal too.
const signalOwner = (
  world: World,
  signal: "SIGKILL" | "SIGSTOP"
): Effect.Effect<Moment & { readonly pid: number }, never, PgClient.PgClient> =>
  Effect.gen(function*() {
    yield* Effect.sleep(Duration.millis(yield* Random.nextIntBetween(0, 500)))
    yield* owner
    yield* Effect.sleep(Duration.millis(yield* Random.nextIntBetween(0, 150)))
    const { fence, pid } = yield* owner
    const at = yield* Clock.currentTimeMillis
    yield* world.fleet.signal(pid, signal)
    const lease = yield* untilUp(Leases.current(main))
    if (Option.isSome(lease) && lease.value.fence === fence) return { at, fence, pid }
    if (signal === "SIGSTOP") yield* world.fleet.signal(pid, "SIGCONT")
    return yield* signalOwner(world, signal)
  })

/** kill -9 of the owner of the lease. */
export const kill: Strike = (world) =>
  Effect.gen(function*() {
    const moment = yield* signalOwner(world, "SIGKILL")
    yield* world.onHit
    return yield* resumption(world.campaigns, moment)
  })

// The owner is stopped again and again until that happens in a transaction, whose locks nobody else gets.
const stopInTransaction = (world: World): ReturnType<typeof signalOwner> =>
  Effect.gen(function*() {
    const moment = yield* signalOwner(world, "SIGSTOP")
    // A commit may be on its way.
    yield* Effect.sleep("300 millis")
    if (yield* untilUp(Leases.isLocked(main))) return moment
    yield* world.fleet.signal(moment.pid, "SIGCONT")
    return yield* stopInTransaction(world)
  })

/** Stops the owner of the lease for a while, which is longer than the lease: at any moment, or in a transaction. */
export const stop = (duration: Duration.DurationInput, { inTransaction = false } = {}): Strike => (world) =>
  Effect.gen(function*() {
    const moment = yield* inTransaction ? stopInTransaction(world) : signalOwner(world, "SIGSTOP")
    yield* world.onHit
    const [result] = yield* Effect.all([
      resumption(world.campaigns, moment),
      Effect.ensuring(Effect.sleep(duration), world.fleet.signal(moment.pid, "SIGCONT"))
    ], { concurrency: "unbounded" })
    return result
  })

/** Ends the database without a shutdown, for a while. The time is measured from when it has recovered. */
export const outage = (duration: Duration.DurationInput): Strike => ({ campaigns, onHit, postgres }) =>
  Effect.gen(function*() {
    const { fence } = yield* owner
    yield* postgres.crash
    yield* onHit
    yield* Effect.sleep(duration)
    yield* postgres.start
    const at = yield* Clock.currentTimeMillis
    return yield* resumption(campaigns, { at, fence })
  })

/** One strike after another. */
export const inTurn = (strikes: ReadonlyArray<Strike>): Strike => (world, index) =>
  strikes[index % strikes.length]?.(world, index) ?? Effect.dieMessage("no strike")

/** Replaces a machine by another one, as a rolling deployment does. */
export const replace = (pairs: ReadonlyArray<readonly [old: string, machine: Machine]>): Strike => (world, index) =>
  Effect.gen(function*() {
    const { fence } = yield* owner
    const [old, machine] = pairs[index % pairs.length] ?? (yield* Effect.dieMessage("nothing to replace"))
    const at = yield* Clock.currentTimeMillis
    yield* world.fleet.add(machine)
    yield* world.fleet.remove(old)
    return yield* resumption(world.campaigns, { at, fence })
  })
