import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { Campaign } from "@effect-clerk/http/InviteCampaign"
import { FetchHttpClient, FileSystem, HttpClient, HttpClientRequest, HttpServer } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect, Layer, Option, Schedule, Schema, Stream } from "effect"
import { createServer } from "node:net"
import { postgresClient, postgresUrl } from "../../http/test/campaign/stores.js"
import { Emulator, start } from "./utils.js"

const addresses = Array.makeBy(40, (index) => `person-${index + 1}@example.com`)

/** An empty database: of Postgres if a server runs, otherwise a SQLite file. */
const database = Effect.gen(function*() {
  if (postgresUrl === undefined) {
    const files = yield* FileSystem.FileSystem
    return `file:${yield* files.makeTempDirectoryScoped({ prefix: "processes-" })}/campaigns.db`
  }
  const url = new URL(postgresUrl)
  const { client, prefix } = yield* postgresClient(url.href)
  const name = `${prefix}_processes`
  yield* Effect.acquireRelease(
    client.unsafe(`CREATE DATABASE ${name}`),
    () => Effect.ignore(client.unsafe(`DROP DATABASE ${name} WITH (FORCE)`))
  )
  url.pathname = name
  return url.href
})

/** A port that is free now. */
const freePort = Effect.async<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() => {
      resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0))
    })
  })
})

const environment = Effect.gen(function*() {
  return {
    CLERK_SECRET_KEY: "sk_test_local",
    CLERK_API_URL: yield* HttpServer.addressFormattedWith(Effect.succeed),
    DATABASE_URL: yield* database,
    PORT: `${yield* freePort}`
  }
})

const patiently = Schedule.spaced("100 millis")

/** The API of a web process, which is tried again until the process listens. */
const api = ({ PORT }: { readonly PORT: string }) =>
  Effect.map(HttpClient.HttpClient, (client) => {
    const url = `http://127.0.0.1:${PORT}`
    const decode = Schema.decodeUnknown(Campaign)
    const json = (request: HttpClientRequest.HttpClientRequest) =>
      client.execute(request).pipe(
        Effect.retry({ schedule: patiently, while: ({ _tag }) => _tag === "RequestError" }),
        Effect.flatMap(({ json }) => json),
        Effect.flatMap(decode)
      )
    const campaign = `${url}/campaigns/spring`
    return {
      start: Effect.flatMap(
        HttpClientRequest.bodyJson(HttpClientRequest.put(campaign), {
          people: addresses.map((emailAddress) => ({ emailAddress }))
        }),
        json
      ),
      get: json(HttpClientRequest.get(campaign)),
      metrics: Effect.flatMap(client.get(`${url}/metrics`), ({ text }) => text)
    }
  })

const emails = Effect.map(
  Effect.flatMap(InvitationsControl, ({ outbox }) => outbox),
  (all) => all.map(({ to }) => to).sort()
)

const Live = Layer.mergeAll(Emulator, NodeContext.layer, FetchHttpClient.layer)

describe(`the processes of a fleet over ${postgresUrl === undefined ? "SQLite" : "Postgres"}`, () => {
  it.scopedLive(
    "a web process starts, watches and measures a campaign, and only workers send",
    () =>
      Effect.gen(function*() {
        const env = yield* environment
        yield* start("recipes/campaign/process.ts", [], { ...env, WORK: "false" })
        const web = yield* api(env)
        assert.strictEqual((yield* web.start).state, "running")
        // The web process measures every five seconds.
        yield* Effect.repeat(web.metrics, {
          until: (text) => text.includes("\neffect_clerk_campaigns_due 1\n"),
          schedule: patiently
        })
        assert.deepStrictEqual(yield* emails, [])
        assert.strictEqual((yield* web.get).done, 0)

        for (const _ of [1, 2, 3]) yield* start("recipes/campaign/process.ts", [], env)
        yield* Effect.repeat(web.get, { until: ({ state }) => state === "completed", schedule: patiently })
        assert.deepStrictEqual(yield* emails, addresses.slice().sort())
      }).pipe(Effect.provide(Live)),
    60_000
  )

  it.scopedLive(
    "processes.ts starts a process again that was killed, and everybody is invited once",
    () =>
      Effect.gen(function*() {
        const env = yield* environment
        const { lines } = yield* start("recipes/campaign/processes.ts", [], env)
        const pids = (name: string, count: number) =>
          lines.pipe(
            Stream.filterMap((line) => {
              const [, found, pid = ""] = /^(.*): process (\d+)$/.exec(line) ?? []
              return found === name ? Option.some(Number(pid)) : Option.none()
            }),
            Stream.take(count),
            Stream.runCollect,
            Effect.map(Array.fromIterable)
          )
        const [first = 0] = yield* pids("worker 2", 1)
        process.kill(first, "SIGKILL")
        const [, second = 0] = yield* pids("worker 2", 2)
        assert.notStrictEqual(second, first)

        const web = yield* api(env)
        yield* web.start
        yield* Effect.repeat(web.get, { until: ({ state }) => state === "completed", schedule: patiently })
        assert.deepStrictEqual(yield* emails, addresses.slice().sort())
      }).pipe(Effect.provide(Live)),
    60_000
  )
})
