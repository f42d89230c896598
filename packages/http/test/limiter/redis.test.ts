import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import * as RateLimiter from "@effect/experimental/RateLimiter"
import * as RedisStore from "@effect/experimental/RateLimiter/Redis"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer } from "effect"
import type { ChildProcess } from "node:child_process"
import { spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import * as emulator from "../utils/emulator.js"
import { answering, busiest, invite, limits, timesOf } from "../utils/limits.js"
import { redisOptions, shared } from "../utils/redis.js"

const url = process.env["REDIS_URL"] === "" ? undefined : process.env["REDIS_URL"]

if (url === undefined) console.log("The tests of rate limits over Redis are skipped: REDIS_URL is not set")

interface Inviter {
  readonly process: ChildProcess
  readonly lines: Array<string>
}

const outcomesOf = ({ lines }: Inviter) => lines.filter((line) => line.includes("@"))

/** Polls on the real clock. */
const eventually = (what: string, holds: Effect.Effect<boolean>) =>
  Effect.repeat(Effect.delay(holds, "20 millis"), { until: (done) => done }).pipe(
    Effect.timeoutFail({ duration: "40 seconds", onTimeout: () => new Error(`timed out: ${what}`) }),
    Effect.orDie
  )

const start = (env: { readonly [name: string]: string }) =>
  Effect.acquireRelease(
    Effect.sync((): Inviter => {
      const child = spawn(
        process.execPath,
        ["--import", "tsx", fileURLToPath(new URL("../fixtures/inviter.ts", import.meta.url))],
        { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "inherit"] }
      )
      const lines: Array<string> = []
      createInterface(child.stdout).on("line", (line) => lines.push(line))
      return { process: child, lines }
    }),
    (inviter) => Effect.sync(() => inviter.process.kill("SIGKILL"))
  )

describe.skipIf(url === undefined)("over Redis", () => {
  const redis = url ?? ""

  it.scopedLive("no sliding window exceeds the limit, on the real clock", () =>
    Effect.gen(function*() {
      const store = yield* Layer.build(RedisStore.layerStore({ ...redisOptions(redis), prefix: `${randomUUID()}:` }))
      const limiter = yield* Effect.provide(RateLimiter.make, store)
      const window = 400
      const options = { limits: limits({ create: { limit: 5, window: Duration.millis(window) } }), limiter }
      const layers = yield* Effect.all([answering(options), answering(options)])
      yield* Effect.forEach(
        Array.from({ length: 24 }, (_, n) => n),
        (n) => layers[n % 2]?.invitations.create(invite(n)) ?? Effect.void,
        { concurrency: 12, discard: true }
      )
      const times = layers.flatMap(({ seen }) => timesOf(seen, "create"))
      assert.strictEqual(times.length, 24)
      assert.isAtMost(busiest(times, window), 5)
    }))

  it.scopedLive(
    "three processes together stay below the limit, each gets a share, and killing one does not affect the others",
    () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const apiUrl = yield* emulator.apiUrl
        const prefix = `${randomUUID()}:`
        const inviters = yield* Effect.all(
          [["one", 15], ["two", 15], ["killed", 100]].map(([name, count]) =>
            start({ API_URL: apiUrl, PREFIX: prefix, REDIS_URL: redis, NAME: `${name}`, COUNT: `${count}` })
          )
        )
        const ofEach = (addresses: ReadonlyArray<string>) =>
          ["one", "two", "killed"].map((name) => addresses.filter((address) => address.startsWith(`${name}-`)).length)
        const addresses = Effect.map(
          control.invitations,
          (all) =>
            [...all].sort((a, b) => a.createdAt.epochMillis - b.createdAt.epochMillis).map(({ emailAddress }) =>
              emailAddress
            )
        )

        yield* eventually("all are ready", Effect.sync(() => inviters.every(({ lines }) => lines.includes("ready"))))
        for (const { process } of inviters) process.stdin?.write("go\n")
        yield* eventually("two windows are full", Effect.map(addresses, (all) => all.length >= 30))
        inviters[2]?.process.kill("SIGKILL")
        yield* eventually(
          "the others are done",
          Effect.sync(() => inviters.slice(0, 2).every(({ process }) => process.exitCode === 0))
        )

        const created = yield* addresses
        const calls = yield* control.calls
        assert.strictEqual(calls.filter(({ outcome }) => outcome === "too_many_requests").length, 0)
        assert.isAtMost(
          busiest(
            calls.filter(({ operation }) => operation === "create").map(({ at }) => at.epochMillis),
            Duration.toMillis(shared.create.window)
          ),
          shared.create.limit
        )
        for (const share of ofEach(created.slice(15, 30))) assert.isAtLeast(share, 2)
        for (const inviter of inviters.slice(0, 2)) {
          assert.strictEqual(outcomesOf(inviter).length, 15)
          assert.isTrue(outcomesOf(inviter).every((line) => line.endsWith(" Created")))
        }
        assert.deepStrictEqual(ofEach(created).slice(0, 2), [15, 15])
      }).pipe(Effect.provide(emulator.layerEmulator({ rateLimits: shared }))),
    90_000
  )
})
