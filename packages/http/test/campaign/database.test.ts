import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { assertSome, deepStrictEqual } from "@effect/vitest/utils"
import { Effect, Fiber, Option } from "effect"
import * as Database from "../../src/internal/campaign/store/sql/database.js"
import * as SqlStore from "../../src/internal/campaign/store/sql/sqlStore.js"
import { StoreError } from "../../src/InviteCampaignError.js"
import { databaseFile, libsqlClient } from "./stores.js"

const prefix = "effect_clerk"

const storeOf = (file: string) =>
  Effect.flatMap(libsqlClient(file), (client) =>
    Effect.map(
      Effect.provideService(SqlStore.make({ prefix }), SqlClient.SqlClient, client),
      (store) => ({ client, store })
    ))

const begin = { id: "spring", version: 1, settings: "{}" }

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
