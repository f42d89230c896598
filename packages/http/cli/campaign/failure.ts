import type {
  CampaignConflict,
  IllegalTransition,
  NoSuchCampaign,
  StoreError
} from "@effect-clerk/http/InviteCampaignError"
import { Cause, Option, Predicate } from "effect"
import { CommandFailed, exitCodes, exitRefused, exitUsage } from "../terminal/exitCode.js"
import type { Database } from "./database.js"

/**
 * The errors of the campaigns that a command reports.
 */
export type CampaignError = CampaignConflict | IllegalTransition | NoSuchCampaign | StoreError

const unreachable = (message: string) => new CommandFailed({ code: exitCodes.unknown, message })

/**
 * Adds the exit code to an error, and a second line that says what to check or to type next.
 */
export const fromCampaignError = (error: CampaignError): CommandFailed => {
  switch (error._tag) {
    case "NoSuchCampaign":
      return exitRefused(`${error.message}\nSee all with: effect-clerk campaign list`)
    case "IllegalTransition":
      return exitRefused(error.message)
    case "CampaignConflict":
      return exitUsage(`${error.message}. Nothing was changed.\nPass another --id to start another campaign.`)
    case "StoreError":
      return unreachable(`${error.message}\nCheck the database, then run the same command again.`)
  }
}

const isCode = (input: unknown): input is string => Predicate.isString(input) && /^\w{1,60}$/.test(input)

// The error of a driver may quote the URL, so only its code is kept.
const codeOf = (error: unknown, depth = 0): Option.Option<string> => {
  if (depth > 5 || !Predicate.isObject(error)) return Option.none()
  const code = Predicate.hasProperty(error, "code") ? error.code : undefined
  return Option.orElse(
    Option.orElse(
      Option.liftPredicate(code, isCode),
      () => Option.isOption(code) ? Option.filter(code, isCode) : Option.none()
    ),
    () => Predicate.hasProperty(error, "cause") ? codeOf(error.cause, depth + 1) : Option.none()
  )
}

// A SQLite file that is none, or a setting that Postgres refuses: the classes 28 (authorization) and 3D (database name).
const isSetting = (code: string): boolean => code === "SQLITE_NOTADB" || /^(?:28|3D)/.test(code)

/**
 * The failure to open a database.
 */
export const fromOpenFailure = (database: Database) => (cause: Cause.Cause<unknown>): CommandFailed => {
  const code = codeOf(Cause.squash(cause))
  if (Option.contains(code, "SQLITE_NOTADB") && database._tag === "File") {
    return exitUsage(`${database.name} is not a SQLite database. Choose another file with --database.`)
  }
  const name = database._tag === "File" ? database.name : "the Postgres database"
  const reason = Option.match(code, { onNone: () => "no answer", onSome: (code) => code })
  const message = `${name} cannot be opened: ${reason}`
  return Option.exists(code, isSetting)
    ? exitUsage(`${message}\nCheck --database.`)
    : unreachable(`${message}\nCheck --database.`)
}
