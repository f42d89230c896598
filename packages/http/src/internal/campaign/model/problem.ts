import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Problem } from "../../../InviteCampaign.js"

const ProblemJson = Schema.parseJson(Problem)

const encode = Schema.encodeSync(ProblemJson)

const decode = Schema.decodeOption(ProblemJson)

/**
 * The stored form of an error: its tag and its message, which contains no personal data.
 */
export const toJson = (error: { readonly _tag: string; readonly message: string }): string =>
  encode(new Problem({ tag: error._tag, message: error.message }))

/**
 * `None` if nothing is stored, or if it is not readable.
 */
export const fromJson = (json: string | null): Option.Option<Problem> =>
  Option.flatMap(Option.fromNullable(json), decode)
