import { CreateInvitation } from "@effect-clerk/core"
import { Effect, Either, Schema, Stream } from "effect"
import { type CsvRow, csvRows } from "./csvRows.js"
import * as journal from "./outcomesFile.js"
import { json, printError, stripControlChars } from "./output.js"

/**
 * What a file asks for.
 */
export interface Preflight {
  /** Lines that cannot be sent. */
  readonly bad: number
  /** Those whom a run before has dealt with. */
  readonly before: number
  /** Those who are left to be invited. */
  readonly left: number
}

const nobody: Preflight = { bad: 0, before: 0, left: 0 }

/**
 * Reads the file once without sending anything: names every bad line, and counts the others.
 */
export const preflight = <E, R>(
  path: string,
  past: journal.PreviousRun,
  onLeft: (person: CsvRow) => Effect.Effect<void, E, R>
) =>
  Stream.runFoldEffect(csvRows(path), nobody, (so, row) =>
    Either.match(row, {
      onLeft: ({ line, reason }) =>
        Effect.as(printError(`${path}, line ${line}: ${reason}`), { ...so, bad: so.bad + 1 }),
      onRight: (person) =>
        journal.isDone(journal.entryOf(past, person.request.emailAddress))
          ? Effect.succeed({ ...so, before: so.before + 1 })
          : Effect.as(onLeft(person), { ...so, left: so.left + 1 })
    }))

const encode = Schema.encodeEither(CreateInvitation)

/**
 * What would be sent for somebody.
 */
export const preview = ({ line, request }: CsvRow, options: { readonly json: boolean }): string =>
  Either.match(encode(request), {
    // Cannot be: it has been checked.
    onLeft: () => `line ${line}`,
    onRight: (body) => {
      if (options.json) return json({ line, request: body })
      const { email_address, ...rest } = body
      return `line ${line}  ${stripControlChars(email_address)}${
        Object.keys(rest).length === 0 ? "" : `  ${json(rest)}`
      }`
    }
  })
