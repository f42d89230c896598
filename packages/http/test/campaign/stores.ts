import * as Reactivity from "@effect/experimental/Reactivity"
import { LibsqlClient } from "@effect/sql-libsql"
import { PgClient } from "@effect/sql-pg"
import * as SqlClient from "@effect/sql/SqlClient"
import { Effect, Redacted } from "effect"
import type { Scope } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as SqlStore from "../../src/internal/campaign/store/sql/sqlStore.js"
import type { MakeStore } from "./contract/fixture.js"

/** The URL of a Postgres server, if one runs. */
export const postgresUrl = process.env["POSTGRES_URL"] === "" ? undefined : process.env["POSTGRES_URL"]

/** A new database file, which is removed with its directory. */
export const databaseFile = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "campaigns-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  ),
  (path) => join(path, "campaigns.db")
)

/** A client of its own for a database file, as each process has. */
export const libsqlClient = (file: string): Effect.Effect<SqlClient.SqlClient, never, Scope.Scope> =>
  Effect.provide(LibsqlClient.make({ url: `file:${file}` }), Reactivity.layer)

const tables = ["campaigns", "people", "loads", "quotas", "calls", "migrations"]

let prefixes = 0

/** A client of Postgres, and a prefix whose tables are dropped at the end. */
export const postgresClient = (url: string) =>
  Effect.gen(function*() {
    const client = yield* Effect.provide(
      PgClient.make({ url: Redacted.make(url), maxConnections: 4 }),
      Reactivity.layer
    )
    const prefix = `test_${process.pid}_${++prefixes}`
    yield* Effect.addFinalizer(() =>
      Effect.ignore(client.unsafe(`DROP TABLE IF EXISTS ${tables.map((name) => `${prefix}_${name}`).join(", ")}`))
    )
    return { client, prefix }
  })

/** A store over a new libsql file. */
export const libsqlStore: MakeStore = (now) =>
  Effect.gen(function*() {
    const client = yield* Effect.flatMap(databaseFile, libsqlClient)
    return yield* Effect.provideService(
      SqlStore.make({ prefix: "effect_clerk", now }),
      SqlClient.SqlClient,
      client
    )
  })

/** A store over new tables of a Postgres server. */
export const postgresStore = (url: string): MakeStore => (now) =>
  Effect.gen(function*() {
    const { client, prefix } = yield* postgresClient(url)
    return yield* Effect.provideService(SqlStore.make({ prefix, now }), SqlClient.SqlClient, client)
  })
