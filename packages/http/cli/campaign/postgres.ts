import * as PgClient from "@effect/sql-pg/PgClient"
import type { Redacted } from "effect"

/**
 * A client of a Postgres database. Importing this module loads `pg`.
 */
export const layer = (url: Redacted.Redacted) => PgClient.layer({ url, applicationName: "effect-clerk" })
