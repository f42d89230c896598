import { isDuplicate, type ListError, type ResendError } from "@effect-clerk/core/InvitationError"
import { ValidationError } from "@effect/cli"
import * as Platform from "@effect/platform/Error"
import { Cause, Chunk, ConfigError, Data, Exit, Option, Predicate } from "effect"

/**
 * The exit codes of the process. COMMAND.md has the same table.
 */
export const exitCodes = {
  ok: 0,
  /** Clerk rejected the call, or no invitation was found. */
  refused: 1,
  /** The command, a file or a setting is invalid, or the user did not confirm. Nothing was sent. */
  usage: 2,
  /** Clerk was not reached, its response was not valid, or the outcome of a write is unknown. */
  unknown: 3,
  /** Only some of the items succeeded, or the output could not be written completely. */
  partial: 4,
  /** A bug in this program. */
  defect: 70,
  interrupted: 130
} as const

export type ExitCode = typeof exitCodes[keyof typeof exitCodes]

/**
 * A command failed, or did only a part of its work.
 */
export class CommandFailed extends Data.TaggedError("CommandFailed")<{
  readonly code: ExitCode
  /** One or two lines for standard error. */
  readonly message: string
}> {}

export const exitRefused = (message: string) => new CommandFailed({ code: exitCodes.refused, message })
export const exitUsage = (message: string) => new CommandFailed({ code: exitCodes.usage, message })
export const exitPartial = (message: string) => new CommandFailed({ code: exitCodes.partial, message })

/**
 * The reader of the output closed the pipe (`… | head`). The exit code is 0.
 */
export class OutputClosed extends Data.TaggedError("OutputClosed") {}

/**
 * The errors of the calls that the commands make.
 */
export type ServiceError = ListError | ResendError

/**
 * The errors of a command.
 */
export type CommandError =
  | ServiceError
  | CommandFailed
  | OutputClosed
  | ConfigError.ConfigError
  | Platform.PlatformError
  | ValidationError.ValidationError

/**
 * Adds the exit code to an error of a call, and a second line that says what to check or to type next.
 */
export const fromServiceError = (error: ServiceError): CommandFailed => {
  const failed = (code: ExitCode, hint?: string) =>
    new CommandFailed({ code, message: hint === undefined ? error.message : `${error.message}\n${hint}` })
  switch (error._tag) {
    case "InvalidRequest":
      return failed(exitCodes.usage)
    case "BadRequest":
      return failed(
        exitCodes.refused,
        isDuplicate(error) ? "Pass --ignore-existing to create another invitation for the address." : undefined
      )
    case "NotFound":
      return failed(
        exitCodes.refused,
        // Without an id in the path, a 404 means the URL is wrong.
        error.operation === "revoke" || error.operation === "delete"
          ? undefined
          : "Check CLERK_API_URL: set it without /v1, for example https://api.clerk.com"
      )
    case "ClientError":
    case "Conflict":
    case "Unprocessable":
      return failed(exitCodes.refused)
    case "Unauthorized":
      return failed(exitCodes.refused, "Check CLERK_SECRET_KEY, and that the key belongs to CLERK_API_URL.")
    case "Forbidden":
      return failed(exitCodes.refused, "Check the permissions of the key and the plan of the instance.")
    case "TooManyRequests":
    case "RateLimited":
      return failed(exitCodes.refused, "Try again later.")
    case "ConnectionError":
      return failed(exitCodes.unknown, "Check the network, and CLERK_API_URL if it is set.")
    case "Timeout":
    case "ServerError":
    case "UnexpectedResponse":
      return failed(exitCodes.unknown)
    case "AmbiguousWrite":
      return failed(exitCodes.unknown, "Check with: effect-clerk find EMAIL-OR-ID")
    case "ResendIncomplete":
      return failed(exitCodes.partial, "Run the same command again to finish it.")
  }
}

const reasonsByCode: Partial<Record<string, string>> = {
  EISDIR: "it is a directory",
  ELOOP: "its links form a circle"
}

const fileReasons: Partial<Record<Platform.SystemErrorReason, string>> = {
  NotFound: "no such file or directory",
  PermissionDenied: "permission denied",
  BadResource: "not a regular file"
}

/**
 * Why an operation on a file failed, in a few words.
 */
export const fileReason = (error: Platform.PlatformError): string => {
  if (error._tag === "BadArgument") return error.description ?? "invalid argument"
  const code = Predicate.hasProperty(error.cause, "code") ? String(error.cause.code) : error.reason
  return reasonsByCode[code] ?? fileReasons[error.reason] ?? code
}

const fromFileError = (error: Platform.PlatformError): CommandFailed => {
  if (error._tag === "BadArgument") return exitUsage(error.message)
  const file = typeof error.pathOrDescriptor === "string" ? error.pathOrDescriptor : "a file"
  return exitUsage(`${file}: ${fileReason(error)}`)
}

const settings: Partial<Record<string, string>> = { secretKey: "CLERK_SECRET_KEY", apiUrl: "CLERK_API_URL" }

// Never quotes a value, since the value may be the key.
const fromConfigError = (error: ConfigError.ConfigError): CommandFailed => {
  switch (error._op) {
    case "MissingData":
      return exitUsage(`${error.path.join("_")} is not set. Set it to a secret key of Clerk, sk_test_… or sk_live_…`)
    case "InvalidData":
      return exitUsage(`${settings[error.path.join("_")] ?? error.path.join("_")}: ${error.message}`)
    default:
      return exitUsage("Cannot read the settings CLERK_SECRET_KEY and CLERK_API_URL")
  }
}

/**
 * The exit code and message of an error. The message is empty if nothing is left to print.
 */
export const fromError = (error: CommandError): CommandFailed => {
  // @effect/cli has printed it.
  if (ValidationError.isValidationError(error)) return exitUsage("")
  if (Platform.isPlatformError(error)) return fromFileError(error)
  if (ConfigError.isConfigError(error)) return fromConfigError(error)
  switch (error._tag) {
    case "CommandFailed":
      return error
    case "OutputClosed":
      return new CommandFailed({ code: exitCodes.ok, message: "" })
    default:
      return fromServiceError(error)
  }
}

/**
 * The exit code of a command that runs until it is interrupted, so that an interruption is a success.
 */
export const toEndlessExitCode = <A, E>(exit: Exit.Exit<A, E>): number =>
  Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause) ? exitCodes.ok : toExitCode(exit)

/**
 * The exit code of a program that succeeds with an exit code.
 */
export const toExitCode = <A, E>(exit: Exit.Exit<A, E>): number =>
  Exit.match(exit, {
    onSuccess: (code) => typeof code === "number" ? code : exitCodes.ok,
    onFailure: (cause) =>
      Option.match(Chunk.findFirst(Cause.defects(cause), (defect) => defect instanceof CommandFailed), {
        onSome: ({ code }) => code,
        onNone: () => Cause.isInterrupted(cause) ? exitCodes.interrupted : exitCodes.defect
      })
  })
