import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Effect } from "effect"
import { build } from "esbuild"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import * as Database from "../../src/internal/campaign/store/sql/database.js"
import * as SqlStore from "../../src/internal/campaign/store/sql/sqlStore.js"
import { databaseFile, postgresClient, postgresUrl } from "./stores.js"

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

const program = path("../../node_modules/.cache/campaigns/campaignStarter.mjs")

/** Starts processes that begin at the same moment, and returns their last lines. */
const starters = (count: number, database: string, prefix: string) =>
  Effect.promise(async () => {
    // Ten processes that compile TypeScript would take half a minute.
    await build({
      entryPoints: [path("../fixtures/campaignStarter.ts")],
      outfile: program,
      bundle: true,
      platform: "node",
      format: "esm",
      external: ["effect", "@effect/*"]
    })
    const children = Array.from({ length: count }, () => {
      const child = spawn(
        process.execPath,
        [program],
        { env: { ...process.env, DATABASE: database, PREFIX: prefix }, stdio: ["pipe", "pipe", "inherit"] }
      )
      const lines: Array<string> = []
      const reader = createInterface(child.stdout).on("line", (line) => lines.push(line))
      return { child, lines, ready: once(reader, "line"), closed: once(child, "close") }
    })
    await Promise.all(children.map(({ ready }) => ready))
    for (const { child } of children) child.stdin.end("go\n")
    await Promise.all(children.map(({ closed }) => closed))
    return children.map(({ lines }) => lines.at(-1))
  })

describe("ten processes that start at once on an empty database", () => {
  it.scopedLive("create the tables once and share one campaign, over libsql", () =>
    Effect.gen(function*() {
      const file = yield* databaseFile
      deepStrictEqual(
        yield* starters(10, `file:${file}`, "effect_clerk"),
        Array.from({ length: 10 }, () => "spring is loading")
      )
    }), 60_000)

  it.scopedLive.skipIf(postgresUrl === undefined)(
    "create the tables once and share one campaign, over Postgres",
    () =>
      Effect.gen(function*() {
        const url = postgresUrl ?? ""
        const { prefix } = yield* postgresClient(url)
        deepStrictEqual(yield* starters(10, url, prefix), Array.from({ length: 10 }, () => "spring is loading"))
      }),
    60_000
  )
})

describe.skipIf(postgresUrl === undefined)("a Postgres database", () => {
  it.scoped("is opened again with a prefix that has capital letters", () =>
    Effect.gen(function*() {
      const { client, prefix } = yield* postgresClient(postgresUrl ?? "")
      for (const _ of ["first", "second"]) {
        yield* Effect.provideService(SqlStore.make({ prefix: prefix.toUpperCase() }), SqlClient.SqlClient, client)
      }
    }))

  it.scoped("ends a transaction in which a process stands still", () =>
    Effect.gen(function*() {
      const { client, prefix } = yield* postgresClient(postgresUrl ?? "")
      const { now, transact } = yield* Effect.provideService(Database.make({ prefix }), SqlClient.SqlClient, client)
      const limit = Effect.map(
        client<{ readonly limit: string }>`SELECT current_setting('idle_in_transaction_session_timeout') AS limit`,
        ([row]) => row?.limit
      )
      assert.strictEqual(yield* transact(Effect.zipRight(now, limit)), "10s")
      assert.notStrictEqual(yield* client.withTransaction(limit), "10s")
    }))
})
