import { CreateInvitation } from "@effect-clerk/core"
import { Effect, Either, Schema, Stream } from "effect"
import { people, type Person } from "./csvRows.js"
import * as journal from "./outcomesFile.js"
import { harmless, json, say } from "./output.js"

/**
 * What a file asks for.
 */
export interface Survey {
  /** Lines that cannot be sent. */
  readonly bad: number
  /** Those whom a run before has dealt with. */
  readonly before: number
  /** Those who are left to be invited. */
  readonly left: number
}

const nobody: Survey = { bad: 0, before: 0, left: 0 }

/**
 * Reads the file once without sending anything: names every bad line, and counts the others.
 */
export const survey = <E, R>(
  path: string,
  past: journal.Past,
  onLeft: (person: Person) => Effect.Effect<void, E, R>
) =>
  Stream.runFoldEffect(people(path), nobody, (so, row) =>
    Either.match(row, {
      onLeft: ({ line, reason }) => Effect.as(say(`${path}, line ${line}: ${reason}`), { ...so, bad: so.bad + 1 }),
      onRight: (person) =>
        journal.isDone(journal.entryOf(past, person.request.emailAddress))
          ? Effect.succeed({ ...so, before: so.before + 1 })
          : Effect.as(onLeft(person), { ...so, left: so.left + 1 })
    }))

const encode = Schema.encodeEither(CreateInvitation)

/**
 * What would be sent for somebody.
 */
export const preview = ({ line, request }: Person, options: { readonly json: boolean }): string =>
  Either.match(encode(request), {
    // Cannot be: it has been checked.
    onLeft: () => `line ${line}`,
    onRight: (body) => {
      if (options.json) return json({ line, request: body })
      const { email_address, ...rest } = body
      return `line ${line}  ${harmless(email_address)}${Object.keys(rest).length === 0 ? "" : `  ${json(rest)}`}`
    }
  })
