// Runs one durable campaign to its end, and prints the figures of the process.
import type { CreateInvitation } from "@effect-clerk/core"
import { InvitationAttempts, RateLimits } from "@effect-clerk/core"
import { InvitationFixture, InvitationsMemory } from "@effect-clerk/http"
import * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
import * as InviteCampaignsSql from "@effect-clerk/http/InviteCampaignsSql"
import { LibsqlClient } from "@effect/sql-libsql"
import { Clock, DateTime, Duration, Effect, Layer, Option, Stream, TestClock, TestContext } from "effect"
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"

const { values } = parseArgs({
  options: {
    people: { type: "string", default: "1000" },
    /** `libsql`, or `memory`. */
    store: { type: "string", default: "libsql" },
    /** `memory` for the in-memory layer, or `none` for responses that cost next to nothing. */
    clerk: { type: "string", default: "none" },
    /** `production` in virtual time, or `none` in real time. */
    limits: { type: "string", default: "production" }
  }
})

const count = Number(values.people)
const isVirtual = values.limits === "production"

// The windows are short, so that few calls stay booked.
const unlimited: RateLimits.RateLimit = { limit: 1_000_000, window: Duration.millis(100) }
const limits = isVirtual
  ? RateLimits.production
  : { all: unlimited, create: unlimited, createBulk: unlimited }

const people = Stream.map(Stream.range(1, count), (n) => ({ emailAddress: `person${n}@example.com` }))

let ids = 0
const respond = (request: CreateInvitation.CreateInvitation, millis: number) =>
  InvitationFixture.invitation({
    id: `inv_${String(++ids).padStart(27, "0")}`,
    emailAddress: request.emailAddress,
    createdAt: DateTime.unsafeMake(millis)
  })

// A response that comes over a socket comes in another turn of the event loop. Without turns, the memory of the process grows.
const turn: Effect.Effect<void> = Effect.promise(() =>
  new Promise<void>((resolve) => {
    setImmediate(resolve)
  })
)
// In virtual time, a fiber that waits for the event loop looks as if it waits for the clock.
const now = isVirtual ? Clock.currentTimeMillis : Effect.zipRight(turn, Clock.currentTimeMillis)

const NoClerk = Layer.succeed(InvitationAttempts, {
  create: (request) => Effect.map(now, (now) => respond(request, now)),
  createBulk: (requests) => Effect.map(now, (now) => requests.map((request) => respond(request, now))),
  list: () => Effect.map(now, (now) => ({ data: [], totalCount: 0, serverTime: Option.some(now) })),
  revoke: () => Effect.dieMessage("nothing to revoke")
})

const Clerk: Layer.Layer<InvitationAttempts> = values.clerk === "memory"
  ? InvitationsMemory.layer({ rateLimits: limits })
  : NoClerk

const folder = mkdtempSync(join(tmpdir(), "bench-campaign-"))
process.once("exit", () => rmSync(folder, { recursive: true, force: true }))

const Store = values.store === "memory"
  ? InviteCampaigns.layerMemory({ limits })
  : InviteCampaignsSql.layer({ limits }).pipe(
    Layer.provide(LibsqlClient.layer({ url: `file:${join(folder, "campaigns.db")}` }))
  )

// In virtual time the interval of the poller only costs steps of the clock.
const Campaigns = InviteCampaigns.layerPoller({ every: isVirtual ? "20 minutes" : "5 seconds" }).pipe(
  Layer.provideMerge(Store),
  Layer.provide(Clerk)
)

const cpuMillis = Effect.sync(() => {
  const { system, user } = process.cpuUsage()
  return (system + user) / 1000
})

const untilEnd = (campaigns: InviteCampaigns.Service) =>
  isVirtual
    ? Effect.zipRight(TestClock.adjust(Duration.hours(2 + count / 350)), campaigns.get("bench"))
    : campaigns.await("bench")

const run = Effect.gen(function*() {
  const campaigns = yield* InviteCampaigns.InviteCampaigns
  const before = yield* cpuMillis
  yield* campaigns.start({ id: "bench", people })
  const loaded = yield* cpuMillis
  const { counts, endedAt, startedAt } = yield* untilEnd(campaigns)
  if (counts.Created !== count) return yield* Effect.dieMessage(`${JSON.stringify(counts)} of ${count}`)
  const sent = yield* cpuMillis
  const [start, end] = [startedAt, endedAt].map(Option.getOrThrow)
  return {
    /** CPU time of `start`, in milliseconds. */
    load: loaded - before,
    /** CPU time from then to the end of the campaign, in milliseconds. */
    send: sent - loaded,
    /** Time from the start to the end by the clock of the campaign, in hours. */
    hours: start === undefined || end === undefined ? NaN : Duration.toHours(DateTime.distanceDuration(start, end))
  }
}).pipe(Effect.provide(Campaigns))

const figures = await Effect.runPromise(isVirtual ? Effect.provide(run, TestContext.TestContext) : run)
// The client is closed, so the file has all of its pages.
const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
console.log(JSON.stringify({ ...figures, bytes, peak: process.resourceUsage().maxRSS / 1024 }))
