/**
 * Runs campaigns on several machines, lets a fault hit them again and again, and compares the store with the emulator.
 */
import * as ClerkEmulator from "@effect-clerk/http/ClerkEmulator"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import * as InvitationsMemory from "@effect-clerk/http/InvitationsMemory"
import * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
import * as InviteCampaignsSql from "@effect-clerk/http/InviteCampaignsSql"
import { HttpServer } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { PgClient } from "@effect/sql-pg"
import { Chunk, Console, Deferred, Duration, Effect, Fiber, Layer, Option, Random, Redacted, Stream } from "effect"
import { createServer } from "node:http"
import type { Kind } from "../people.js"
import { addressOf, positionsOf } from "../people.js"
import * as Faults from "./faults.js"
import * as Fleet from "./fleet.js"
import * as Interruptions from "./interruptions.js"
import * as Leases from "./leases.js"
import type { Resumption } from "./measure.js"
import { untilSome } from "./measure.js"
import { requestsOf } from "./plan.js"
import type { Plan } from "./plan.js"
import type { Server } from "./postgres.js"
import type { Timing } from "./settings.js"
import { firstOutcome, latency, limits, timingOf } from "./settings.js"

export interface Options extends Faults.Options {
  readonly seed: number
  readonly repeat: number
  /** A lease of 4 seconds instead of the default. */
  readonly isShort: boolean
}

/**
 * One row of the table.
 */
export interface Row {
  readonly title: string
  readonly people: number
  readonly strikes: ReadonlyArray<Resumption>
  readonly violations: ReadonlyArray<string>
  /** The number of calls that the emulator answered by a 429. */
  readonly refused: number
}

// A run that takes longer stands still.
const deadline = Duration.minutes(25)

const Emulator = ClerkEmulator.layer({ rateLimits: limits }).pipe(
  Layer.provideMerge(NodeHttpServer.layerServer(() => createServer(), { host: "127.0.0.1", port: 0 })),
  Layer.orDie
)

const Database = (url: string) =>
  PgClient.layer({ url: Redacted.make(url), maxConnections: 3, applicationName: "observer:0" })

/** A new database of the server. */
const create = (server: Server, name: string) =>
  Effect.gen(function*() {
    yield* Effect.flatMap(PgClient.PgClient, (sql) => sql.unsafe(`CREATE DATABASE ${name}`)).pipe(
      Effect.provide(Database(server.url))
    )
    return Object.assign(new URL(server.url), { pathname: `/${name}` }).href
  })

/** Prepares the emulator for the people of the plans. A seed sends no e-mail. Returns the ids of invitations of another client. */
const prepare = (plans: ReadonlyArray<Plan>) =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    const count = Math.max(...plans.map(({ first, people }) => first + people))
    const addressesOf = (kind: Kind) => positionsOf(count, kind).map(addressOf)
    for (const address of addressesOf("user")) yield* control.addUser(address)
    yield* control.setBlocklist(addressesOf("blocked"))
    const others = yield* control.seed(addressesOf("invited").map((emailAddress) => ({ emailAddress })))
    yield* control.setFaultPolicy(() => Effect.as(Effect.sleep(latency), Option.none()))
    return new Set<string>(others.map(({ id }) => id))
  })

// A cancelled campaign finds its last outcomes out.
const untilEnd = (campaigns: InviteCampaigns.Service, { id }: Plan) =>
  untilSome(
    Effect.map(
      campaigns.get(id),
      Option.liftPredicate(({ counts, hasEnded }) => hasEnded && counts.sending === 0)
    ),
    "500 millis"
  )

const seconds = (millis: number): string => (millis / 1000).toFixed(1)

const late = ({ takeOver: longest }: Timing, { takeOver, work }: Resumption): ReadonlyArray<string> => [
  ...(takeOver <= Duration.toMillis(longest) ? [] : [`the campaign was taken over after ${seconds(takeOver)} s`]),
  ...(work <= Duration.toMillis(Duration.sum(longest, firstOutcome))
    ? []
    : [`the next outcome came after ${seconds(work)} s`])
]

const strikeAll = (fault: Faults.Fault, fleet: Fleet.Fleet, server: Server, options: Options) =>
  Effect.gen(function*() {
    const campaigns = yield* InviteCampaigns.InviteCampaigns
    const control = yield* InvitationsControl
    const timing = timingOf(options.isShort)
    for (const plan of fault.plans) {
      const followUp = plan.followsUp === true ? { after: "2 seconds" } as const : undefined
      yield* campaigns.start({ id: plan.id, people: requestsOf(plan), followUp })
    }
    const hit = yield* Deferred.make<unknown>()
    const interruptions = yield* Effect.fork(
      Effect.zipRight(Deferred.await(hit), Interruptions.interrupt(fault.plans, timing))
    )
    const world = { fleet, campaigns, postgres: server, onHit: Effect.asVoid(Deferred.succeed(hit, undefined)) }
    const strikes: Array<Resumption> = []
    for (let index = 0; index < options.repeat; index++) {
      yield* Effect.sleep(timing.pause)
      const strike = yield* fault.strike(world, index)
      yield* Console.log(
        `${fault.title}: time ${index + 1}, taken over after ${seconds(strike.takeOver)} s, ` +
          `next outcome after ${seconds(strike.work)} s`
      )
      strikes.push(strike)
    }
    yield* world.onHit
    const lost = yield* Fiber.join(interruptions)
    const ended = yield* Effect.forEach(fault.plans, (plan) =>
      Effect.gen(function*() {
        const campaign = yield* untilEnd(campaigns, plan)
        return { plan, campaign, people: Chunk.toReadonlyArray(yield* Stream.runCollect(campaigns.people(plan.id))) }
      }))
    const calls = (yield* control.calls).map(({ at, operation, outcome }) => ({
      at: at.epochMillis,
      operation,
      outcome
    }))
    const crashes = yield* fleet.crashes
    return {
      strikes,
      ended,
      calls,
      violations: [
        ...lost,
        ...strikes.flatMap((strike) => late(timing, strike)),
        ...(crashes === 0 ? [] : [`${crashes} processes ended by themselves`]),
        ...(calls.length < 10_000 ? [] : ["the emulator has forgotten calls"])
      ]
    }
  })

/**
 * Runs one fault on a new database of the server.
 */
export const run = (name: Faults.Name, server: Server, options: Options) =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    const fault = Faults.make(name, options)
    const others = yield* prepare(fault.plans)
    const url = yield* create(server, `chaos_${name}_${options.seed}`)
    const fleet = yield* Fleet.make({
      API_URL: yield* HttpServer.addressFormattedWith(Effect.succeed),
      DATABASE: url,
      SHORT: String(options.isShort)
    })
    // The first machines create the tables.
    yield* Effect.forEach(fault.machines, fleet.add, { concurrency: "unbounded", discard: true })
    const Campaigns = InviteCampaignsSql.layer(timingOf(options.isShort).options).pipe(
      // Only starts, reads and stops campaigns.
      Layer.provide(InvitationsMemory.layer())
    )
    const { calls, ended, leases, strikes, violations } = yield* Effect.gen(function*() {
      yield* Leases.record
      const result = yield* Effect.provide(strikeAll(fault, fleet, server, options), Campaigns)
      return { ...result, leases: yield* Leases.all }
    }).pipe(Effect.provide(Database(url)))
    const emulated = {
      calls,
      emails: (yield* control.outbox).map(({ to }) => to),
      invitations: (yield* control.invitations).filter(({ id }) => !others.has(id))
    }
    return {
      title: fault.title,
      people: fault.plans.reduce((sum, { people }) => sum + people, 0),
      strikes,
      violations: [...violations, ...fault.check(ended, emulated, leases)],
      refused: calls.filter(({ outcome }) => outcome === "too_many_requests").length
    } satisfies Row
  }).pipe(
    Effect.timeoutFail({ duration: deadline, onTimeout: () => "the campaigns stand still" }),
    Effect.provide(Emulator),
    Effect.scoped,
    Effect.withRandom(Random.make(options.seed))
  )
