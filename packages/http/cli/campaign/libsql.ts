import * as LibsqlClient from "@effect/sql-libsql/LibsqlClient"
import { pathToFileURL } from "node:url"

/**
 * A client of a SQLite file. Importing this module loads `@libsql/client`.
 */
export const layer = (path: string) => LibsqlClient.layer({ url: pathToFileURL(path).href })
