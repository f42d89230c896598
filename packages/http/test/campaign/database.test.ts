import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { assertSome, deepStrictEqual } from "@effect/vitest/utils"
import { Effect, Fiber, Option } from "effect"
import { build } from "esbuild"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import * as Database from "../../src/internal/campaign/sql/database.js"
import * as SqlStore from "../../src/internal/campaign/sql/sqlStore.js"
import { StoreError } from "../../src/InviteCampaignError.js"
import { databaseFile, libsqlClient, postgresClient, postgresUrl } from "./stores.js"

const prefix = "effect_clerk"

const storeOf = (file: string) =>
  Effect.flatMap(libsqlClient(file), (client) =>
    Effect.map(
      Effect.provideService(SqlStore.make({ prefix }), SqlClient.SqlClient, client),
      (store) => ({ client, store })
    ))

const begin = { id: "spring", version: 1, settings: "{}" }

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
        yield* starters(10, `file:${file}`, prefix),
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
})

describe("a SQLite database", () => {
  it.scoped("that another process writes to gives a StoreError with the code of the driver", () =>
    Effect.gen(function*() {
      const file = yield* databaseFile
      const { client, store } = yield* storeOf(file)
      yield* store.begin(begin)
      yield* client`PRAGMA busy_timeout = 1`
      const other = yield* libsqlClient(file)
      yield* other`BEGIN IMMEDIATE`
      const error = yield* Effect.flip(store.transition("spring", { from: ["loading"], to: "cancelled", wake: "now" }))
      assert.instanceOf(error, StoreError)
      assert.strictEqual(error.operation, "transition")
      assertSome(error.code, "SQLITE_BUSY")
      yield* other`ROLLBACK`
      assertSome(Option.map(yield* store.get("spring"), ({ state }) => state), "loading")
    }))

  it.scoped("keeps nothing of a transaction that fails, dies or is interrupted", () =>
    Effect.gen(function*() {
      const file = yield* databaseFile
      const { client, store } = yield* storeOf(file)
      const { write } = yield* Effect.provideService(Database.make({ prefix }), SqlClient.SqlClient, client)
      const insert = client`INSERT INTO ${client(`${prefix}_quotas`)} (name, closed_until) VALUES ('x', 0)`
      for (const end of [Effect.fail("failure"), Effect.die("defect"), Effect.interrupt]) {
        assert.isTrue((yield* Effect.exit(write("test")(Effect.zipRight(insert, end))))._tag === "Failure")
      }
      deepStrictEqual(yield* client`SELECT name FROM ${client(`${prefix}_quotas`)}`, [])
      assert.strictEqual((yield* store.begin(begin)).state, "loading")
    }))

  it.scopedLive("works after an operation is interrupted at any moment", () =>
    Effect.gen(function*() {
      const { store } = yield* Effect.flatMap(databaseFile, storeOf)
      for (let steps = 0; steps < 30; steps++) {
        const fiber = yield* Effect.fork(store.begin({ ...begin, id: `campaign${steps}` }))
        for (let step = 0; step < steps; step++) yield* Effect.yieldNow()
        yield* Fiber.interrupt(fiber)
        assert.strictEqual((yield* store.begin(begin)).state, "loading")
      }
    }), 60_000)

  it.scoped("whose commit fails gives a StoreError, without the message of the driver", () =>
    Effect.gen(function*() {
      const file = yield* databaseFile
      const { client, store } = yield* storeOf(file)
      // A deferred constraint is checked by the commit.
      yield* client`CREATE TABLE parent (id INTEGER PRIMARY KEY)`
      yield* client`PRAGMA foreign_keys = ON`
      yield* client`
        CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)`
      const { write } = yield* Effect.provideService(Database.make({ prefix }), SqlClient.SqlClient, client)
      const error = yield* Effect.flip(write("test")(client`INSERT INTO child (id) VALUES (1)`))
      assertSome(error.code, "SQLITE_CONSTRAINT_FOREIGNKEY")
      assert.notInclude(error.message, "FOREIGN KEY constraint failed")
      assert.strictEqual((yield* store.begin(begin)).state, "loading")
    }))
})
