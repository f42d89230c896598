import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { InvitationId } from "../../Invitation.js"
import * as Field from "../schema/field.js"
import { typeSide, validate } from "../schema/validate.js"

const durationBetween = (minimum: Duration.DurationInput, maximum: Duration.DurationInput) =>
  Schema.declare((input): input is Duration.DurationInput =>
    Option.exists(Duration.decodeUnknown(input), Duration.between({ minimum, maximum }))
  )

const pollEvery = Field.optional(durationBetween("1 second", "1 day"), "a duration from 1 second to 1 day")

export const validateId = validate(Schema.typeSchema(InvitationId), "Acceptance.await", "id")

export const validateAwait = validate(
  typeSide(Schema.Struct({
    pollEvery,
    timeout: Field.optional(durationBetween("1 millis", Duration.infinity), "a duration of at least 1 millisecond")
  })),
  "Acceptance.await",
  "options"
)

const validateIds = validate(
  Schema.Array(Schema.typeSchema(InvitationId)).annotations(Field.structMustBe("an array of ids of invitations")),
  "Acceptance.changes",
  "ids"
)

/**
 * Makes the validator of the options of `changes`.
 */
export const validateChanges = <Cursor>(cursor: Schema.Schema<Cursor>) => {
  const validateFields = validate(
    typeSide(Schema.Struct({
      // Checked below: this message would hide the index of an invalid id.
      ids: Schema.optional(Schema.Unknown),
      query: Field.optional(Schema.String.pipe(Schema.filter((query) => query.trim() !== "")), "a text, not empty"),
      pollEvery,
      since: Field.optional(cursor, "a Cursor; decode a stored one with the schema Acceptance.Cursor")
    })).pipe(
      Schema.filter(({ ids, query }) =>
        ids === undefined || query === undefined || { path: ["query"], message: "must not be combined with ids" }
      )
    ),
    "Acceptance.changes"
  )
  return (input: unknown) =>
    Effect.gen(function*() {
      const { ids, ...fields } = yield* validateFields(input)
      return { ...fields, ids: ids === undefined ? undefined : yield* validateIds(ids) }
    })
}
