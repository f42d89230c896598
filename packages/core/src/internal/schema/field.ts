import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"

/**
 * An annotation that says what a field must be and never what it was: the default messages of Schema quote the value,
 * and a value may be an address or metadata.
 */
export const mustBe = (be: string) => ({ message: () => ({ message: `must be ${be}`, override: true }) })

/**
 * The same for what has fields or items of its own. It does not override their messages, which say where the problem is.
 */
export const structMustBe = (be: string) => ({ message: () => `must be ${be}` })

/**
 * What is said of a status and of metadata, wherever they stand.
 */
export const status = "\"pending\", \"accepted\", \"revoked\" or \"expired\""
export const metadata = "a plain JSON object (no dates, functions, NaN or cycles; at most 100 levels deep)"

/**
 * A field that the caller may leave out or set to `undefined`, and that Clerk takes as null as well.
 */
export const optional = <A, I>(schema: Schema.Schema<A, I>, be: string) =>
  Schema.optionalToOptional(
    Schema.NullishOr(schema).annotations(mustBe(be)),
    Schema.UndefinedOr(Schema.typeSchema(schema)).annotations(mustBe(be)),
    { decode: Option.filter(Predicate.isNotNullable), encode: identity }
  )

/**
 * What an id may look like: nothing that would change the URL it stands in.
 */
export const idPattern = /^[A-Za-z0-9_-]{1,255}$/
