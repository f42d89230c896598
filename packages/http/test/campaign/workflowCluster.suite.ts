import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
import * as InviteCampaignsSql from "@effect-clerk/http/InviteCampaignsSql"
import { PgClient } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Deferred, Effect, Layer, Redacted, Schedule } from "effect"
import { build } from "esbuild"
import type { ChildProcess } from "node:child_process"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:net"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { makeRequests } from "../conformance/fixtures.js"
import { campaignOptions } from "../fixtures/campaignRunnerOptions.js"
import * as Emulator from "../utils/emulator.js"
import { oneEach } from "./behaviour/fixture.js"
import { postgresUrl } from "./stores.js"

const people = 120

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

const program = path("../../node_modules/.cache/campaigns/campaignRunner.mjs")

const compile = Effect.promise(() =>
  build({
    entryPoints: [path("../fixtures/campaignRunner.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["effect", "@effect/*"]
  })
)

const freePort = Effect.promise(async () => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  return address !== null && typeof address === "object" ? address.port : assert.fail("the server has no port")
})

/** A new database of the server, which is dropped at the end. */
const database = (url: string) =>
  Effect.gen(function*() {
    const name = `workflow_${process.pid}`
    const admin = (statement: string) =>
      Effect.scoped(Effect.flatMap(Layer.build(PgClient.layer({ url: Redacted.make(url) })), (context) =>
        Effect.provide(
          Effect.flatMap(PgClient.PgClient, (client) => client.unsafe(statement)),
          context
        )))
    yield* Effect.acquireRelease(
      admin(`CREATE DATABASE ${name}`),
      () => Effect.orDie(admin(`DROP DATABASE ${name} WITH (FORCE)`))
    )
    return Object.assign(new URL(url), { pathname: `/${name}` }).href
  })

/** Starts a process that works on the campaigns, and calls `onLine` with each line that it prints. It is killed at the end. */
const runner = (env: Record<string, string>, onLine: (line: string) => void) =>
  Effect.gen(function*() {
    const PORT = String(yield* freePort)
    return yield* Effect.acquireRelease(
      Effect.sync(() => {
        const child = spawn(process.execPath, [program], {
          env: { ...process.env, ...env, PORT },
          stdio: ["ignore", "pipe", "inherit"]
        })
        createInterface(child.stdout).on("line", onLine)
        return child
      }),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
  })

const cluster = (url: string) =>
  Effect.gen(function*() {
    yield* compile
    const DATABASE = yield* database(url)
    const control = yield* InvitationsControl
    const campaigns = InviteCampaignsSql.layer(campaignOptions).pipe(
      Layer.provide(PgClient.layer({ url: Redacted.make(DATABASE), maxConnections: 2 }))
    )
    return yield* Effect.gen(function*() {
      const { await: awaitEnd, get, start } = yield* InviteCampaigns.InviteCampaigns
      const API_URL = yield* Emulator.apiUrl
      const slices: Array<{ readonly process: number; readonly line: string }> = []
      const children: Array<ChildProcess> = []
      for (const process of [0, 1]) {
        const isUp = yield* Deferred.make<unknown>()
        children.push(
          yield* runner({ API_URL, DATABASE }, (line) => {
            if (line.includes("Listening on")) Deferred.unsafeDone(isUp, Effect.void)
            if (line === "execution" || line === "supervisor") slices.push({ process, line })
          })
        )
        // Two processes must not create the tables of the cluster at once.
        yield* Deferred.await(isUp)
      }
      yield* start({ id: "spring", people: makeRequests(people) })
      // The process that works is killed in the middle.
      yield* Effect.repeat(get("spring"), {
        until: ({ counts }) => counts.Created >= people / 3,
        schedule: Schedule.spaced("100 millis")
      })
      const killed = slices.at(-1)?.process ?? assert.fail("no process has performed a slice")
      children[killed]?.kill("SIGKILL")
      const before = slices.length
      const { state } = yield* awaitEnd("spring", { every: "200 millis" })
      return { state, slices, killed, before, emails: yield* control.outbox }
    }).pipe(Effect.provide(campaigns))
  })

if (postgresUrl === undefined) {
  console.log("The test of campaigns on a cluster is skipped: POSTGRES_URL is not set")
}

describe("InviteCampaignWorkflow on a cluster of two processes", () => {
  it.scopedLive.skipIf(postgresUrl === undefined)(
    "goes on after kill -9 of the process that works",
    () =>
      Effect.gen(function*() {
        const { before, emails, killed, slices, state } = yield* cluster(postgresUrl ?? "")
        assert.strictEqual(state, "completed")
        const counts: Record<string, number> = {}
        for (const { to } of emails) counts[to] = (counts[to] ?? 0) + 1
        deepStrictEqual(counts, oneEach(people))
        assert.isTrue(slices.slice(before).some(({ process }) => process !== killed))
        // The supervisor performs the others, while the cluster moves the executions of the process that is dead.
        assert.isTrue(slices.some(({ line }) => line === "execution"))
      }).pipe(Effect.provide(Emulator.layer())),
    60_000
  )
})
