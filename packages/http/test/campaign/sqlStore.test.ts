import * as Reactivity from "@effect/experimental/Reactivity"
import { LibsqlClient } from "@effect/sql-libsql"
import * as SqlClient from "@effect/sql/SqlClient"
import { Effect } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as SqlStore from "../../src/internal/campaign/sql/sqlStore.js"
import { storeContract } from "./storeContract.js"

const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "campaigns-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

storeContract("over libsql", (now) =>
  Effect.gen(function*() {
    const path = yield* directory
    const client = yield* LibsqlClient.make({ url: `file:${join(path, "campaigns.db")}` })
    return yield* SqlStore.make({ prefix: "effect_clerk", now }).pipe(
      Effect.provideService(SqlClient.SqlClient, client)
    )
  }).pipe(Effect.provide(Reactivity.layer)))
