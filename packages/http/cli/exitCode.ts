import { type AmbiguousWrite, type CommonError, isDuplicate, type ServerError } from "@effect-clerk/core"
import { ValidationError } from "@effect/cli"
import { Error as Platform } from "@effect/platform"
import { Cause, ConfigError, Data, Exit, Predicate } from "effect"

/**
 * What the process ends with. The table in the README says the same.
 */
export const exitCodes = {
  ok: 0,
  /** The service said no, or there is nothing of the kind. */
  refused: 1,
  /** The command, a file or a setting is wrong, or somebody did not confirm. Nothing was sent. */
  usage: 2,
  /** The service was not reached, did not answer as it should, or it is not known what came of it. */
  unknown: 3,
  /** Some of many were done, or not all of it could be printed. */
  partly: 4,
  /** A defect of this program. */
  defect: 70,
  interrupted: 130
} as const

export type ExitCode = typeof exitCodes[keyof typeof exitCodes]

/**
 * The end of a command that did not do all that it was asked for, with what to say about it.
 */
export class CommandFailed extends Data.TaggedError("CommandFailed")<{
  readonly code: ExitCode
  /** One or two lines. */
  readonly message: string
}> {}

export const exitRefused = (message: string) => new CommandFailed({ code: exitCodes.refused, message })
export const exitUsage = (message: string) => new CommandFailed({ code: exitCodes.usage, message })
export const exitPartly = (message: string) => new CommandFailed({ code: exitCodes.partly, message })

/**
 * Whoever reads the output has gone (`… | head`), which is no failure.
 */
export class OutputClosed extends Data.TaggedError("OutputClosed") {}

/**
 * What a call of the service fails with.
 */
export type ServiceError = CommonError | ServerError | AmbiguousWrite

/**
 * What a command fails with.
 */
export type CommandError =
  | ServiceError
  | CommandFailed
  | OutputClosed
  | ConfigError.ConfigError
  | Platform.PlatformError
  | ValidationError.ValidationError

/**
 * The end that an error of the service means. Its message ends with the trace id where there is one.
 */
export const ofService = (error: ServiceError): CommandFailed => {
  const end = (code: ExitCode, hint?: string) =>
    new CommandFailed({ code, message: hint === undefined ? error.message : `${error.message}\n${hint}` })
  switch (error._tag) {
    case "InvalidRequest":
      return end(exitCodes.usage)
    case "BadRequest":
      return end(exitCodes.refused, isDuplicate(error) ? "The flag here is --ignore-existing." : undefined)
    case "NotFound":
      return end(
        exitCodes.refused,
        // Where no id is in the path, it is the path itself that there is not.
        error.operation === "revoke" || error.operation === "delete"
          ? undefined
          : "Check CLERK_API_URL: it is without /v1, as in https://api.clerk.com"
      )
    case "Conflict":
    case "Unprocessable":
      return end(exitCodes.refused)
    case "Unauthorized":
      return end(exitCodes.refused, "Check CLERK_SECRET_KEY, and that CLERK_API_URL is where that key belongs.")
    case "Forbidden":
      return end(exitCodes.refused, "Check what the key may do, and the plan of the instance.")
    case "TooManyRequests":
    case "RateLimited":
      return end(exitCodes.refused, "Try again later.")
    case "ConnectionError":
      return end(exitCodes.unknown, "Check the network, and CLERK_API_URL if it is set.")
    case "Timeout":
    case "ServerError":
    case "UnexpectedResponse":
      return end(exitCodes.unknown)
    case "AmbiguousWrite":
      return end(exitCodes.unknown, "See what is there with: invitations find ADDRESS-OR-ID")
  }
}

const fileReasons: Partial<Record<Platform.SystemErrorReason, string>> = {
  NotFound: "there is no such file or directory",
  PermissionDenied: "permission denied",
  BadResource: "it is not a regular file"
}

const ofFile = (error: Platform.PlatformError): CommandFailed => {
  if (error._tag === "BadArgument") return exitUsage(error.message)
  const code = Predicate.hasProperty(error.cause, "code") ? String(error.cause.code) : error.reason
  return exitUsage(`${error.pathOrDescriptor ?? error.module}: ${fileReasons[error.reason] ?? code}`)
}

// Never quotes a value, since that may be the key.
const ofConfig = (error: ConfigError.ConfigError): CommandFailed => {
  switch (error._op) {
    case "MissingData":
      return exitUsage(`${error.path.join("_")} is not set. It must be a secret key of Clerk, sk_test_… or sk_live_…`)
    case "InvalidData":
      return exitUsage(`${settings[error.path.join("_")] ?? error.path.join("_")}: ${error.message}`)
    default:
      return exitUsage("The settings CLERK_SECRET_KEY and CLERK_API_URL cannot be read")
  }
}

const settings: Partial<Record<string, string>> = { secretKey: "CLERK_SECRET_KEY", apiUrl: "CLERK_API_URL" }

/**
 * The end that an error means; none where everything has been said, or there is nothing to say.
 */
export const ofError = (error: CommandError): CommandFailed => {
  if (ValidationError.isValidationError(error)) return exitUsage("")
  if (Platform.isPlatformError(error)) return ofFile(error)
  if (ConfigError.isConfigError(error)) return ofConfig(error)
  switch (error._tag) {
    case "CommandFailed":
      return error
    case "OutputClosed":
      return new CommandFailed({ code: exitCodes.ok, message: "" })
    default:
      return ofService(error)
  }
}

/**
 * The exit code of a program that succeeds with one.
 */
export const codeOf = <A, E>(exit: Exit.Exit<A, E>): number =>
  Exit.match(exit, {
    onSuccess: (code) => typeof code === "number" ? code : exitCodes.ok,
    onFailure: (cause) => Cause.isInterrupted(cause) ? exitCodes.interrupted : exitCodes.defect
  })
