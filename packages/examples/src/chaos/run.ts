/**
 * Runs many concurrent operations over HTTP against the emulator under injected faults, and then compares every result with
 * the emulator's store.
 */
import { EmailAddress, InvitationsService, RateLimits } from "@effect-clerk/core"
import type { Invitation } from "@effect-clerk/core/Invitation"
import { InvitationsHttp } from "@effect-clerk/http"
import * as ClerkEmulator from "@effect-clerk/http/ClerkEmulator"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { NodeHttpClient, NodeHttpServer } from "@effect/platform-node"
import {
  Cause,
  Chunk,
  Context,
  Duration,
  Effect,
  Exit,
  Layer,
  Logger,
  LogLevel,
  Random,
  Redacted,
  Schedule,
  Scope,
  Stream,
  Supervisor
} from "effect"
import { createServer } from "node:http"
import type { Server } from "node:http"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { answersOfOthers } from "./answers.js"
import { clientFaults, makeCounter, serverFaults } from "./faults.js"
import type { Report } from "./operations.js"
import { operation } from "./operations.js"
import { verify } from "./verify.js"

export interface Options {
  readonly operations: number
  readonly seed: number
  /** How many operations run at once. */
  readonly concurrency?: number | undefined
}

export interface Result {
  readonly operations: number
  readonly faults: ReadonlyArray<readonly [name: string, count: number]>
  readonly outcomes: ReadonlyArray<readonly [name: string, count: number]>
  readonly violations: ReadonlyArray<string>
  /** Heap in use after each round, in MiB. */
  readonly heap: ReadonlyArray<number>
}

const roundSize = 2000

// Short durations in the proportions of the defaults, so that a minute is enough for many operations.
const timing = {
  retry: {
    attempts: 4,
    minBackoff: "5 millis",
    maxBackoff: "60 millis",
    maxRetryAfter: "2 seconds",
    settle: "500 millis"
  },
  timeout: { attempt: "1 second", total: "8 seconds" },
  retryBudget: "unlimited"
} as const

// A resend makes up to six calls, each of which takes at most 8 seconds, and is repeated up to five times.
const deadline = Duration.minutes(4)

const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === "object" && address !== null ? address.port : 0
}

// A port without a listener: it was free a moment ago.
const closedPort = Effect.async<number>((resume) => {
  const server = createServer()
  server.listen(0, "127.0.0.1", () => {
    const port = portOf(server)
    server.close(() => resume(Effect.succeed(port)))
  })
})

setFlagsFromString("--expose-gc")
const collect: unknown = runInNewContext("gc")

const heapInUse = Effect.sync(() => {
  if (typeof collect === "function") Reflect.apply(collect, undefined, [])
  return Math.round(process.memoryUsage().heapUsed / 1024 / 1024)
})

const connectionsOf = (server: Server) =>
  Effect.async<number>((resume) => {
    server.getConnections((_, count) => resume(Effect.succeed(count)))
  })

// Polls until the count is zero. The limit is long, because closing takes longer on a machine under load.
const untilNone = (count: Effect.Effect<number>): Effect.Effect<number> =>
  count.pipe(Effect.repeat({ until: (left) => left === 0, times: 400, schedule: Schedule.spaced("50 millis") }))

/**
 * Runs the operations. Terminates, because the number of operations is fixed and each has a deadline.
 */
export const chaos = ({ concurrency = 32, operations, seed }: Options): Effect.Effect<Result> =>
  Effect.gen(function*() {
    const faults = makeCounter()
    const outcomes = makeCounter()
    const violations: Array<string> = []
    const heap: Array<number> = []
    const server = createServer()
    const closed = yield* closedPort
    const supervisor = yield* Supervisor.track

    const emulatorScope = yield* Scope.make()
    const emulator = yield* Layer.buildWithScope(
      ClerkEmulator.layer().pipe(
        Layer.provide(NodeHttpServer.layerServer(() => server, { host: "127.0.0.1", port: 0 })),
        Layer.orDie
      ),
      emulatorScope
    )
    const control = Context.get(emulator, InvitationsControl)

    const Client = InvitationsHttp.layer({
      ...timing,
      secretKey: Redacted.make("sk_test_chaos"),
      apiUrl: `http://127.0.0.1:${portOf(server)}`,
      transformClient: (client) => clientFaults(0.05, closed, faults)(answersOfOthers(0.1, faults)(client))
    }).pipe(Layer.provide(NodeHttpClient.layerUndici), Layer.orDie)

    const bounded = (
      index: number
    ): Effect.Effect<ReadonlyArray<Report>, never, InvitationsService | InvitationsControl> =>
      operation(index).pipe(
        Effect.timeoutFail({ duration: deadline, onTimeout: () => "hang" as const }),
        Effect.exit,
        Effect.map((exit) => {
          if (Exit.isSuccess(exit)) return exit.value
          violations.push(`operation ${index}: ${Cause.pretty(exit.cause)}`)
          return []
        })
      )

    // The caller interrupts these calls. They must leave no fiber and no connection.
    const interrupted = Effect.gen(function*() {
      const invitations = yield* InvitationsService
      const wait = yield* Random.nextIntBetween(0, 40)
      yield* Effect.timeoutOption(Effect.ignore(invitations.list()), wait)
      faults.add("interrupted")
    })

    const disturb = (index: number) =>
      Effect.gen(function*() {
        if (index % 211 === 0) {
          // The client finds a connection of its pool closed.
          server.closeIdleConnections()
          faults.add("stale keep-alive")
        }
        if (index % 97 === 0) yield* interrupted
        if (index % 1500 === 700) {
          faults.add("rate limits during a run")
          const little = { limit: 3, window: Duration.millis(300) }
          yield* control.setRateLimits({ ...RateLimits.production, create: little })
          yield* Effect.forkDaemon(Effect.delay(control.setRateLimits("off"), "150 millis"))
        }
      })

    const round = (from: number, to: number) =>
      Effect.gen(function*() {
        yield* control.reset
        yield* control.setFaultPolicy(() => serverFaults(0.22, faults))
        const reports = yield* Stream.range(from, to - 1).pipe(
          Stream.mapEffect((index) => Effect.zipRight(disturb(index), bounded(index)), {
            concurrency,
            unordered: true
          }),
          Stream.flattenIterables,
          Stream.runCollect
        )
        // Waits for the last late commit.
        yield* Effect.sleep("150 millis")
        yield* control.setFaultPolicy(() => Effect.succeedNone)
        const present = new Map((yield* control.invitations).map((invitation) => [invitation.id, invitation] as const))
        const created = new Map<string, Array<Invitation>>()
        for (const { invitationId } of yield* control.outbox) {
          const invitation = present.get(invitationId)
          if (invitation === undefined) continue
          const address = EmailAddress.fold(invitation.emailAddress)
          created.set(address, [...created.get(address) ?? [], invitation])
        }
        for (const report of reports) {
          const result = "results" in report ? report.results.at(-1) : "result" in report ? report.result : undefined
          const failure = result?._tag === "Left" ? result.left._tag : "ok"
          outcomes.add(`${report.name}: ${failure}`)
        }
        violations.push(...verify(Chunk.toReadonlyArray(reports), created, present))
        yield* control.reset
        heap.push(yield* heapInUse)
      })

    yield* Effect.gen(function*() {
      for (let from = 0; from < operations; from += roundSize) {
        yield* round(from, Math.min(operations, from + roundSize))
      }
    }).pipe(
      Effect.supervised(supervisor),
      Effect.provide(Layer.merge(Client, Layer.succeed(InvitationsControl, control)))
    )

    // The client's scope is closed, so its fibers and connections must be gone.
    const fibers = yield* untilNone(Effect.map(supervisor.value, (alive) => alive.length))
    if (fibers > 0) violations.push(`${fibers} fibers remain`)
    const connections = yield* untilNone(connectionsOf(server))
    if (connections > 0) violations.push(`${connections} connections remain`)
    const [, second = 0] = heap
    const last = heap.at(-1) ?? 0
    if (heap.length > 3 && last > second * 1.25 + 8) violations.push(`the heap grew from ${second} to ${last} MiB`)
    server.closeAllConnections()
    yield* Scope.close(emulatorScope, Exit.void)

    return {
      operations,
      faults: faults.entries(),
      outcomes: outcomes.entries(),
      violations,
      heap
    }
  }).pipe(
    Effect.withRandom(Random.make(seed)),
    Effect.withTracerEnabled(false),
    Logger.withMinimumLogLevel(LogLevel.None)
  )
