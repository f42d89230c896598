import { InvitationId } from "@effect-clerk/core"
import { Args } from "@effect/cli"
import { Array, Effect, Either, Schema } from "effect"
import {
  CommandFailed,
  type ExitCode,
  exitCodes,
  exitPartly,
  exitUsage,
  ofService,
  type ServiceError
} from "./exitCode.js"
import { json, printError, printLine } from "./output.js"

export const ids = Args.text({ name: "id" }).pipe(
  Args.withDescription("The id of an invitation, inv_…"),
  Args.atLeast(1)
)

/**
 * The ids, each once, if all of them are ids. A mistake in the last must not be found after the first is gone.
 */
export const checkIds = (ids: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<InvitationId>, CommandFailed> => {
  const checked = ids.filter(Schema.is(InvitationId))
  const bad = ids.flatMap((id, index) => Schema.is(InvitationId)(id) ? [] : [index + 1])
  return bad.length === 0
    ? Effect.succeed(Array.dedupe(checked))
    : Effect.fail(exitUsage(`Not the id of an invitation: argument ${bad.join(", ")}. Nothing was sent.`))
}

// What would strike the next one just as well.
const affectsAll = ({ _tag }: ServiceError): boolean =>
  ["Unauthorized", "Forbidden", "TooManyRequests", "RateLimited", "ConnectionError", "Timeout"].includes(_tag)

// Nobody has to listen for it to be done.
const tell = (text: string) => Effect.ignore(printLine(text))

/**
 * Does it to one after the other, so that whatever ends it leaves at most one in doubt, and prints what came of each. One
 * that fails does not keep the rest from it, unless it would strike them as well.
 */
export const forEachId = <A, R>(
  ids: ReadonlyArray<InvitationId>,
  options: {
    readonly json: boolean
    /** The past of what is done. */
    readonly verb: string
    readonly act: (id: InvitationId) => Effect.Effect<A, ServiceError, R>
    readonly toObject: (done: A) => unknown
  }
) =>
  Effect.gen(function*() {
    let done = 0
    const ends: Array<CommandFailed> = []
    for (const id of ids) {
      const result = yield* Effect.either(options.act(id))
      if (Either.isRight(result)) {
        done++
        yield* tell(options.json ? json(options.toObject(result.right)) : `${options.verb} ${id}`)
        continue
      }
      const end = ofService(result.left)
      ends.push(end)
      if (options.json) yield* tell(json({ id, error: { tag: result.left._tag, message: result.left.message } }))
      if (ids.length > 1) yield* printError(`${id}: ${end.message}`)
      if (affectsAll(result.left)) break
    }
    const [end] = ends
    if (end === undefined) return
    if (ids.length === 1) return yield* end
    const message = `${done} of ${ids.length} ${options.verb}.`
    return yield* done > 0 ? exitPartly(message) : new CommandFailed({ code: worst(ends), message })
  })

const worst = (ends: ReadonlyArray<CommandFailed>): ExitCode =>
  ends.reduce<ExitCode>((worst, { code }) => code > worst ? code : worst, exitCodes.ok)
