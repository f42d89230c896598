import { Config, Effect, Option, Redacted } from "effect"
import { resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { exitUsage } from "../terminal/exitCode.js"

/**
 * Where the campaigns are stored.
 */
export type Database =
  /** The name is the path as it was given. */
  | { readonly _tag: "File"; readonly path: string; readonly name: string }
  /** The URL may hold a password, so it is never printed. */
  | { readonly _tag: "Postgres"; readonly url: Redacted.Redacted }

/**
 * The variable that names the database if the flag does not.
 */
export const variable = "EFFECT_CLERK_DATABASE"

const isPostgres = (text: string): boolean => /^postgres(?:ql)?:\/\//i.test(text)

// A drive of Windows, C:\…, has one letter.
const isUrl = (text: string): boolean => /^[a-z][a-z\d+.-]+:/i.test(text)

const fileOf = (text: string): string =>
  /^file:\/\//i.test(text) && URL.canParse(text) ? fileURLToPath(text) : text.replace(/^file:/i, "")

/**
 * The database of `--database`, or of the variable. The text of the setting is never part of an error.
 */
export const fromSetting = (flag: Option.Option<Redacted.Redacted>) =>
  Effect.gen(function*() {
    const setting = Option.isSome(flag) ? flag : yield* Config.option(Config.redacted(variable))
    const text = Option.match(setting, { onNone: () => "", onSome: Redacted.value })
    if (text === "") {
      return yield* exitUsage(`No database is given. Pass --database FILE or a postgres:// URL, or set ${variable}.`)
    }
    if (isPostgres(text)) {
      if (!URL.canParse(text)) return yield* exitUsage("--database: the URL is invalid")
      const database: Database = { _tag: "Postgres", url: Redacted.make(text) }
      return database
    }
    if (isUrl(text) && !/^file:/i.test(text)) return yield* exitUsage("--database must be a file or a postgres:// URL")
    const name = yield* Effect.try({
      try: () => fileOf(text),
      catch: () => exitUsage("--database: the URL of the file is invalid")
    })
    const database: Database = { _tag: "File", path: resolve(name), name }
    return database
  })

const quote = (text: string): string => /^[\w./:\\-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

/**
 * The flag that names the database in a command that a message suggests; empty if the environment names it.
 */
export const flagOf = (database: Database, flag: Option.Option<unknown>): string =>
  Option.isNone(flag) ? "" : database._tag === "File" ? ` --database ${quote(database.name)}` : " --database URL"
