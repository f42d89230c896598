import { Effect, Either } from "effect"
import {
  CommandFailed,
  type ExitCode,
  exitCodes,
  exitPartial,
  fromServiceError,
  type ServiceError
} from "../terminal/exitCode.js"
import { json } from "../terminal/render.js"
import { onInterrupt, printError, printLine } from "../terminal/stdio.js"

// Errors that would fail every other id too.
const affectsAll = ({ _tag }: ServiceError): boolean =>
  ["Unauthorized", "Forbidden", "TooManyRequests", "RateLimited", "ConnectionError", "Timeout"].includes(_tag)

// A reader that closes the pipe does not stop the writes.
const printResult = (text: string) => Effect.ignore(printLine(text))

/**
 * Runs the action on each id in sequence and prints each result; an abrupt exit leaves at most one id uncertain. Continues after
 * a failure unless the failure affects all ids.
 */
export const forEachId = <A, R>(
  ids: ReadonlyArray<string>,
  options: {
    readonly json: boolean
    readonly command: "delete" | "revoke"
    /** The past participle that is printed, for example "revoked". */
    readonly verb: string
    readonly act: (id: string) => Effect.Effect<A, ServiceError, R>
    readonly toObject: (value: A) => unknown
  }
) =>
  Effect.gen(function*() {
    let succeeded = 0
    const failures: Array<CommandFailed> = []
    for (const [index, id] of ids.entries()) {
      // The arguments of the command may be addresses, so its user knows no ids.
      yield* onInterrupt(() =>
        `Interrupted. ${succeeded} of ${ids.length} ${options.verb}; ${id} may be too. Go on with: ` +
        `effect-clerk ${options.command} ${ids.slice(index).join(" ")}`
      )
      const result = yield* Effect.either(options.act(id))
      if (Either.isRight(result)) {
        succeeded++
        yield* printResult(options.json ? json(options.toObject(result.right)) : `${options.verb} ${id}`)
        continue
      }
      const error = result.left
      const failure = fromServiceError(error)
      failures.push(failure)
      if (options.json) yield* printResult(json({ id, error: { tag: error._tag, message: error.message } }))
      if (ids.length > 1) yield* printError(`${id}: ${failure.message}`)
      if (affectsAll(error)) break
    }
    const [failure] = failures
    if (failure === undefined) return
    if (ids.length === 1) return yield* failure
    const message = `${succeeded} of ${ids.length} ${options.verb}.`
    return yield* succeeded > 0 ? exitPartial(message) : new CommandFailed({ code: highestCode(failures), message })
  })

const highestCode = (failures: ReadonlyArray<CommandFailed>): ExitCode =>
  failures.reduce<ExitCode>((highest, { code }) => code > highest ? code : highest, exitCodes.ok)
