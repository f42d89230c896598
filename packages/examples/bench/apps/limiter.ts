// Sends many calls at once through one limiter, and prints the CPU time of a call. Every call runs in a fiber of its own.
import { RateLimiter } from "@effect/experimental"
import { Duration, Effect } from "effect"
import { parseArgs } from "node:util"
import * as Limiter from "../../../http/src/internal/limiter/limiter.js"

const { values } = parseArgs({
  options: {
    /** `effectClerk`, or `experimental` for the limiter of @effect/experimental. */
    way: { type: "string", default: "effectClerk" },
    count: { type: "string", default: "10000" }
  }
})

type WithLimiter = (self: Effect.Effect<void>) => Effect.Effect<void, unknown>

interface Quota {
  readonly limit: number
  readonly window: Duration.Duration
}

const effectClerk = (quota: Quota): Effect.Effect<WithLimiter> =>
  Effect.map(
    Limiter.make({
      limits: { all: quota, create: quota, createBulk: quota },
      key: "",
      attempt: Duration.seconds(10)
    }),
    (limiter): WithLimiter => (self) => limiter.admit("list", (claim) => Effect.zipRight(claim, self))
  )

const experimental = (quota: Quota): Effect.Effect<WithLimiter> =>
  Effect.map(
    RateLimiter.makeWithRateLimiter,
    (withLimiter): WithLimiter => withLimiter({ ...quota, key: "list", onExceeded: "delay", algorithm: "fixed-window" })
  ).pipe(Effect.provide(RateLimiter.layer), Effect.provide(RateLimiter.layerStoreMemory))

const make = values.way === "effectClerk" ? effectClerk : experimental

const send = (count: number, quota: Quota) =>
  Effect.gen(function*() {
    const withLimiter = yield* make(quota)
    let sent = 0
    const call = Effect.sync(() => {
      sent++
    })
    const start = process.cpuUsage()
    yield* Effect.forEach(Array.from({ length: count }), () => withLimiter(call), {
      concurrency: "unbounded",
      discard: true
    })
    const { system, user } = process.cpuUsage(start)
    if (sent !== count) throw new Error(`${sent} calls`)
    return (system + user) / count
  })

const program = Effect.gen(function*() {
  // Without waits, to warm up.
  yield* send(5000, { limit: 5000, window: Duration.seconds(10) })
  return yield* send(Number(values.count), { limit: 2000, window: Duration.seconds(4) })
})

console.log(JSON.stringify({ perCall: await Effect.runPromise(program) }))
