import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { StoreError } from "../../../../InviteCampaignError.js"
import { LeaseLost } from "../store.js"
import { toStoreError } from "./failure.js"

/**
 * The options of a store over SQL.
 */
export interface Options {
  /** The prefix of the names of the tables. */
  readonly prefix: string
  /** The clock of the store, in Unix milliseconds. Defaults to that of the database. */
  readonly now?: Effect.Effect<number> | undefined
}

/**
 * A database, and how the store uses it.
 */
export interface Database {
  readonly sql: SqlClient.SqlClient
  readonly prefix: string
  /** The current time by the clock of the store, in Unix milliseconds. */
  readonly now: Effect.Effect<number, SqlError>
  /** Ends a `SELECT` whose rows the transaction is going to depend on. */
  readonly forUpdate: ReturnType<SqlClient.SqlClient["literal"]>
  /** Runs an effect in one transaction. */
  readonly transact: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E | SqlError, R>
  /** Names an operation that reads. Its statements see one state of the database only within {@link transact}. */
  readonly read: (operation: string) => <A, E>(self: Effect.Effect<A, E>) => Effect.Effect<A, StoreError>
  /** Names an operation that writes, and runs it in one transaction. */
  readonly write: (operation: string) => <A, E>(self: Effect.Effect<A, E>) => Effect.Effect<A, StoreError>
  /** The same for an operation with a lease. */
  readonly writeWithLease: (
    operation: string
  ) => <A, E>(self: Effect.Effect<A, E>) => Effect.Effect<A, StoreError | LeaseLost>
}

// Another process holds a SQLite database for the milliseconds of a transaction. SQLite waits for it, which blocks this process.
// A begin that fails is not repeated: libsql leaves its statement open, and then no commit of the connection succeeds until
// the statement is collected as garbage.
const busyMillis = 5000

/**
 * A transaction over the one connection of a SQLite client, whose statements the caller keeps apart by a lock. Those of
 * `@effect/sql` do not serve: that of libsql opens a connection for each, and never ends if the begin fails; that of
 * better-sqlite3 begins with a read, whose later write fails while another process writes.
 */
const sqliteTransaction =
  (sql: SqlClient.SqlClient) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R> =>
    Effect.uninterruptibleMask((restore) =>
      // An interrupted begin may have taken effect, and then every later one on the connection fails.
      Effect.zipRight(sql`BEGIN IMMEDIATE`, Effect.exit(restore(self))).pipe(
        Effect.flatMap((exit): Effect.Effect<A, E | SqlError> =>
          Exit.isSuccess(exit)
            ? Effect.as(Effect.tapError(sql`COMMIT`, () => Effect.ignore(sql`ROLLBACK`)), exit.value)
            : Effect.zipRight(Effect.ignore(sql`ROLLBACK`), Effect.failCause(exit.cause))
        )
      )
    )

// Postgres ends a transaction that does nothing for so long, in milliseconds. Otherwise a process that stands still in a transaction,
// or a machine that has vanished, keeps the locks of a campaign, and no other process can take it over.
const idleMillis = 10_000

// Most transactions read the clock first, so the limit costs no statement of its own. It ends with the transaction.
const clockOf = (sql: SqlClient.SqlClient): Effect.Effect<number, SqlError> =>
  sql.onDialectOrElse({
    pg: () =>
      Effect.map(
        sql<{ readonly now: unknown }>`
          SELECT (extract(epoch from clock_timestamp()) * 1000)::bigint AS now,
            set_config('idle_in_transaction_session_timeout', ${String(idleMillis)}, true)`,
        ([row]) => Number(row?.now)
      ),
    // The database runs on the clock of this machine.
    orElse: (): Effect.Effect<number, SqlError> => Clock.currentTimeMillis
  })

const withoutLeaseLost = <A, R>(self: Effect.Effect<A, StoreError | LeaseLost, R>): Effect.Effect<A, StoreError, R> =>
  Effect.catchTag(self, "LeaseLost", () => Effect.die(new LeaseLost()))

/**
 * Prepares a database for the store. Fails with `UNSUPPORTED_DIALECT` unless it is SQLite or Postgres: the store needs
 * `UPDATE … RETURNING`.
 */
export const make = ({ now, prefix: name }: Options): Effect.Effect<Database, StoreError, SqlClient.SqlClient> =>
  Effect.gen(function*() {
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    const isSqlite = sql.onDialectOrElse({ sqlite: () => true, orElse: () => false })
    const isSupported = sql.onDialectOrElse({ sqlite: () => true, pg: () => true, orElse: () => false })
    if (!isSupported) return yield* new StoreError({ operation: "open", code: Option.some("UNSUPPORTED_DIALECT") })
    // The `Migrator` looks for its table on Postgres by a name that is not quoted, which has small letters.
    const prefix = name.toLowerCase()
    const lock = yield* Effect.makeSemaphore(1)
    const exclusive = isSqlite ? lock.withPermits(1) : <A, E, R>(self: Effect.Effect<A, E, R>) => self
    const transact: Database["transact"] = isSqlite ? sqliteTransaction(sql) : sql.withTransaction
    // A span a statement would be many, and its text is of no use to an operator.
    const untraced = Effect.withTracerEnabled(false)
    const write = (operation: string) => <A, E>(self: Effect.Effect<A, E>) =>
      exclusive(transact(self)).pipe(toStoreError(operation), untraced)
    if (isSqlite) {
      yield* exclusive(
        Effect.zipRight(
          sql`PRAGMA busy_timeout = ${sql.literal(String(busyMillis))}`,
          sql`PRAGMA journal_mode = WAL`
        )
      ).pipe(toStoreError("open"), withoutLeaseLost, untraced)
    }
    return {
      sql,
      prefix,
      now: now ?? clockOf(sql),
      forUpdate: sql.literal(isSqlite ? "" : "FOR UPDATE"),
      transact: (self) => exclusive(transact(self)),
      read: (operation) => (self) => exclusive(self).pipe(toStoreError(operation), withoutLeaseLost, untraced),
      write: (operation) => (self) => withoutLeaseLost(write(operation)(self)),
      writeWithLease: write
    }
  })
