import type { SqlClient } from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { Effect, type Layer, Predicate } from "effect"
import { type CommandFailed, exitUsage } from "../terminal/exitCode.js"
import type { Database } from "./database.js"

type Client = Layer.Layer<SqlClient, SqlError>

const notFound = ["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"]

const isNotFound = (error: unknown): boolean =>
  Predicate.hasProperty(error, "code") && Predicate.isString(error.code) && notFound.includes(error.code)

const missing = (database: string, driver: string): CommandFailed =>
  exitUsage(
    `${database} needs the package ${driver}, which is not installed. Type:\n` +
      `npx -p @effect-clerk/http -p ${driver} effect-clerk campaign …`
  )

const load = <A>(module: () => Promise<A>, isMissing: () => CommandFailed): Effect.Effect<A, CommandFailed> =>
  Effect.tryPromise({ try: module, catch: (error) => error }).pipe(
    Effect.catchAll((error) => isNotFound(error) ? isMissing() : Effect.die(error))
  )

/**
 * The client of a database. Loads the driver of this kind of database, which is no part of the bundle.
 */
export const client = (database: Database): Effect.Effect<Client, CommandFailed> =>
  database._tag === "File"
    ? Effect.map(
      load(() => import("./libsql.js"), () => missing("SQLite", "@libsql/client")),
      ({ layer }): Client => layer(database.path)
    )
    : Effect.map(
      load(() => import("./postgres.js"), () => missing("Postgres", "pg")),
      ({ layer }): Client => layer(database.url)
    )
