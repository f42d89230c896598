import { InvitationsService, InviteProgress, RateLimits } from "@effect-clerk/core"
import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import type { RateLimiting } from "@effect-clerk/http"
import { Fault, InvitationsHttp } from "@effect-clerk/http"
import * as ClerkEmulator from "@effect-clerk/http/ClerkEmulator"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { Array as Arr, Clock, Duration, Effect, Layer, Option, Random, Redacted, TestContext } from "effect"
import * as inProcess from "./inProcess.js"
import { inNoTime } from "./virtualTime.js"
import type { Way } from "./ways.js"

/**
 * A list of addresses, the initial state, and the behaviour of the server.
 */
export interface Scenario {
  readonly count: number
  readonly seed: number
  /** Whether a rejected call uses up quota. */
  readonly countRejected: boolean
  readonly rateLimit: RateLimiting.Input
  /** The server's rate limits. Defaults to those of a production instance. */
  readonly limits?: RateLimits.RateLimits | undefined
}

/** The result of a scenario. */
export interface Report {
  readonly took: Duration.Duration
  /** The lower bound: the time of the necessary calls at the rate that the limits allow. */
  readonly best: Duration.Duration
  readonly outcomes: ReadonlyMap<string, number>
  /** The number of responses by operation and status. */
  readonly answers: ReadonlyMap<string, number>
  /** Pending invitations at the end. */
  readonly pending: number
  /** Addresses with more than one pending invitation. */
  readonly twice: number
}

const shares = { pending: 0.03, users: 0.01, malformed: 0.005, faults: 0.05 }

const secretKey = Redacted.make("sk_live_in_process")

const answers: ReadonlyArray<Fault.Response> = [
  Fault.Response.Status({ status: 500 }),
  Fault.Response.Status({ status: 503, code: "service_unavailable" }),
  Fault.Response.Status({ status: 502, html: true }),
  Fault.Response.Body({ body: "{" })
]

const makeList = (count: number) =>
  Effect.map(Random.shuffle(Arr.makeBy(count, (n) => n)), (shuffled) => {
    const order = Arr.fromIterable(shuffled)
    const pending = count * shares.pending
    const users = pending + count * shares.users
    const malformed = users + count * shares.malformed
    const address = (n: number): string => n >= users && n < malformed ? `person ${n}` : `person${n}@example.com`
    return {
      list: order.map((n): CreateInvitation.Input => ({ emailAddress: address(n) })),
      pending: order.filter((n) => n < pending).map(address),
      users: order.filter((n) => n >= pending && n < users).map(address)
    }
  })

/**
 * Runs a scenario in virtual time, over the HTTP layer and the emulator, without a socket.
 */
export const play = (
  way: Way,
  { count, countRejected, limits = RateLimits.production, rateLimit, seed }: Scenario
): Effect.Effect<Report, unknown> =>
  Effect.gen(function*() {
    const traffic = yield* inProcess.InProcess
    const control = yield* InvitationsControl
    const invitations = yield* InvitationsService
    const { list, pending, users } = yield* makeList(count)
    yield* control.seed(pending.map((emailAddress) => ({ emailAddress, expiresInDays: 365 })))
    yield* Effect.forEach(users, control.addUser, { discard: true })

    // Calls that failed through no fault of the client.
    const lost = { create: 0, createBulk: 0 }
    const random = yield* Effect.random
    yield* control.setFaultPolicy((operation) =>
      Effect.gen(function*() {
        if ((yield* Random.next) >= shares.faults) return Option.none()
        const answer = yield* Random.choice(answers)
        const commit = yield* Random.nextBoolean
        if (!commit && (operation === "create" || operation === "createBulk")) lost[operation]++
        return Option.some(Fault.make(answer, commit ? "before" : "never"))
      }).pipe(Effect.withRandom(random), Effect.orDie)
    )

    const start = yield* Clock.currentTimeMillis
    const outcomes = yield* inNoTime(way(invitations, list), traffic)
    const took = Duration.millis((yield* Clock.currentTimeMillis) - start)

    const left = (yield* control.invitations).filter(({ isPending }) => isPending)
    const refused = (operation: string) => traffic.answers.get(`${operation} 422`) ?? 0
    // Counted in invitations; a bulk call has ten. The client can look up pending addresses, but not users.
    const needed = left.length - pending.length + lost.create + refused("create") +
      10 * (lost.createBulk + refused("createBulk"))
    return {
      took,
      best: InviteProgress.estimate({ count: needed, limits }),
      outcomes,
      answers: traffic.answers,
      pending: left.length,
      twice: left.length - new Set(left.map(({ emailAddress }) => emailAddress)).size
    }
  }).pipe(
    Effect.provide(
      InvitationsHttp.layer({ secretKey, apiUrl: "http://in-process.invalid", rateLimit }).pipe(
        Layer.provideMerge(
          ClerkEmulator.layer({ secretKey, rateLimits: limits, countRejected })
        ),
        Layer.provideMerge(inProcess.layer)
      )
    ),
    Effect.withRandom(Random.make(seed)),
    Effect.provide(TestContext.TestContext)
  )
