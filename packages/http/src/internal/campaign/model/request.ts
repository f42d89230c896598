import { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { PersonRow } from "./row.js"

/**
 * A row of the store that this version cannot read. It is left alone, so that another version can take it.
 */
export class Unreadable extends Data.TaggedError("Unreadable") {}

const RequestJson = Schema.parseJson(CreateInvitation)

export const toJson = Schema.encodeSync(RequestJson)

const fromJson = Schema.decodeOption(RequestJson)

/**
 * A person with its decoded request.
 */
export interface Recipient {
  readonly person: PersonRow
  readonly request: CreateInvitation
}

export const decode = (person: PersonRow): Effect.Effect<Recipient, Unreadable> =>
  Option.match(Option.flatMap(Option.fromNullable(person.request), fromJson), {
    onNone: () => new Unreadable(),
    onSome: (request) => Effect.succeed({ person, request })
  })

/**
 * Whether Clerk refuses a second pending invitation for the person, so that another post cannot create two.
 */
export const refusesDuplicates = ({ request }: Recipient): boolean => request.ignoreExisting !== true
