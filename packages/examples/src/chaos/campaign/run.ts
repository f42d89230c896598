/**
 * Runs a campaign on processes that are killed at random moments, and then compares the store with the emulator.
 */
import * as ClerkEmulator from "@effect-clerk/http/ClerkEmulator"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import * as InvitationsMemory from "@effect-clerk/http/InvitationsMemory"
import * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
import * as InviteCampaignsSql from "@effect-clerk/http/InviteCampaignsSql"
import { Command, HttpServer } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { LibsqlClient } from "@effect/sql-libsql"
import { PgClient } from "@effect/sql-pg"
import { Chunk, Clock, Deferred, Duration, Effect, Fiber, Layer, Random, Redacted, Stream } from "effect"
import { createServer } from "node:http"
import { fileURLToPath } from "node:url"
import { makeCounter, serverFaults } from "../faults.js"
import { addressOf, positionsOf } from "./people.js"
import { campaign, limits } from "./settings.js"
import { verify } from "./verify.js"

export interface Options {
  readonly people: number
  readonly kills: number
  readonly seed: number
  /** How many processes work at a time. */
  readonly processes: number
  /** `file:…` or `postgres://…`, empty at the beginning. */
  readonly database: string
  /** The probability of a fault of the emulator, from 0 to 1. */
  readonly faults: number
  readonly allowDuplicates: boolean
}

export interface Result {
  readonly violations: ReadonlyArray<string>
  readonly kills: number
  readonly created: number
  readonly faults: number
  readonly took: Duration.Duration
}

// A run that takes longer stands still.
const deadline = Duration.minutes(15)

// The same runtime options and the same kind of file as this program, which may be a bundle.
const worker = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.mjs", import.meta.url))

const Emulator = ClerkEmulator.layer({ rateLimits: limits }).pipe(
  Layer.provideMerge(NodeHttpServer.layerServer(() => createServer(), { host: "127.0.0.1", port: 0 })),
  Layer.orDie
)

const databaseOf = (url: string) =>
  url.startsWith("file:") ? LibsqlClient.layer({ url }) : PgClient.layer({ url: Redacted.make(url) })

// Only reads.
const Reader = (database: string) =>
  InviteCampaignsSql.layer({ limits }).pipe(
    Layer.provide(databaseOf(database)),
    Layer.provide(InvitationsMemory.layer()),
    Layer.orDie
  )

const readCampaign = (database: string) =>
  Effect.gen(function*() {
    const campaigns = yield* InviteCampaigns.InviteCampaigns
    return {
      campaign: yield* campaigns.get(campaign),
      people: Chunk.toReadonlyArray(yield* Stream.runCollect(campaigns.people(campaign)))
    }
  }).pipe(Effect.provide(Reader(database)), Effect.orDie)

/**
 * Keeps one process running until the campaign has ended. `kill` returns whether to kill it, and when.
 */
const keepRunning = (
  env: Record<string, string>,
  kill: Effect.Effect<Duration.Duration | undefined>,
  onKill: Effect.Effect<void>
) => {
  const once = Effect.scoped(Effect.gen(function*() {
    const child = yield* Command.make(process.execPath, ...process.execArgv, worker).pipe(
      Command.env(env),
      Command.stderr("inherit"),
      Command.start
    )
    const ready = yield* Deferred.make<boolean>()
    const lines = yield* Effect.fork(
      child.stdout.pipe(
        Stream.decodeText(),
        Stream.splitLines,
        Stream.tap(() => Deferred.succeed(ready, true)),
        Stream.runCollect
      )
    )
    const delay = yield* kill
    if (delay !== undefined) {
      const isAlive = yield* Effect.raceFirst(
        Effect.as(child.exitCode, false),
        Effect.zipRight(Deferred.await(ready), Effect.as(Effect.sleep(delay), true))
      )
      if (isAlive) {
        yield* child.kill("SIGKILL")
        yield* onKill
        return false
      }
    }
    yield* child.exitCode
    return Chunk.contains(yield* Fiber.join(lines), "completed")
  }))
  return Effect.repeat(once, { until: (isCompleted) => isCompleted })
}

export const chaos = (options: Options) =>
  Effect.gen(function*() {
    const { allowDuplicates, database, kills, people, processes } = options
    const control = yield* InvitationsControl
    const counter = makeCounter()
    const start = yield* Clock.currentTimeMillis

    for (const position of positionsOf(people, "user")) yield* control.addUser(addressOf(position))
    yield* control.setBlocklist(positionsOf(people, "blocked").map(addressOf))
    // Those of another client, with other metadata. A seed sends no e-mail.
    const others = yield* control.seed(
      positionsOf(people, "invited").map((position) => ({
        emailAddress: addressOf(position)
      }))
    )
    const ofOthers = new Set<string>(others.map(({ id }) => id))
    // The random numbers of the emulator must not depend on those of the kills.
    const faulty = yield* Random.nextIntBetween(0, 2 ** 30)
    const serverRandom = Random.make(faulty)
    yield* control.setFaultPolicy(() => Effect.withRandom(serverFaults(options.faults, counter), serverRandom))

    let killed = 0
    const apiUrl = yield* HttpServer.addressFormattedWith(Effect.succeed)
    // Kills at moments of every phase: while people are loaded, sent, looked up, or nothing happens.
    const kill = Effect.gen(function*() {
      if (killed >= kills) return undefined
      return Duration.millis(yield* Random.nextIntBetween(20, 2000))
    })
    yield* Effect.forEach(
      Array.from({ length: processes }),
      () =>
        keepRunning(
          { API_URL: apiUrl, DATABASE: database, PEOPLE: `${people}`, ALLOW_DUPLICATES: `${allowDuplicates}` },
          kill,
          Effect.sync(() => {
            killed++
          })
        ),
      { concurrency: "unbounded", discard: true }
    ).pipe(Effect.timeoutOption(deadline))

    const calls = (yield* control.calls).map(({ at, operation, outcome }) => ({
      at: at.epochMillis,
      operation,
      outcome
    }))
    const violations = verify({
      ...(yield* readCampaign(database)),
      invitations: (yield* control.invitations).filter(({ id }) => !ofOthers.has(id)),
      emails: (yield* control.outbox).map(({ to }) => to),
      calls,
      limits,
      allowDuplicates,
      expected: people
    })
    return {
      violations,
      kills: killed,
      created: (yield* control.invitations).length - others.length,
      faults: counter.entries().reduce((sum, [, count]) => sum + count, 0),
      took: Duration.millis((yield* Clock.currentTimeMillis) - start)
    } satisfies Result
  }).pipe(Effect.provide(Emulator), Effect.withRandom(Random.make(options.seed)))
