import { InvitationsService, Metadata, TypedMetadata } from "@effect-clerk/core"
import { Arbitrary, Effect, FastCheck as fc, Schema } from "effect"
import * as assert from "../conformance/assert.js"
import type { Environment, Runner } from "../conformance/index.js"
import { property } from "./property.js"

const emailAddress = "ada@example.com"

class Member extends Schema.Class<Member>("Member")({
  name: Schema.String,
  born: Schema.DateFromNumber.pipe(Schema.validDate())
}) {}

const scalars = {
  text: Schema.String,
  flag: Schema.Boolean,
  count: Schema.Int,
  until: Schema.DateTimeUtc,
  units: Schema.BigInt,
  scores: Schema.Record({ key: Schema.String, value: Schema.JsonNumber })
}

const keys = ["text", "flag", "count", "until", "units", "scores"] as const

/** For any value that the schema accepts: what `create` was given is what `create` and `list` return. */
const survives = <A, I extends Metadata.Input>(
  run: Runner,
  environment: Environment,
  runs: number,
  name: string,
  schemas: fc.Arbitrary<Schema.Schema<A, I>>
): void => {
  const drawn = schemas.chain((schema) => {
    const encode = Schema.encodeSync(schema)
    return Arbitrary.make(schema)
      // Clerk stores at most 8 KB.
      .filter((value) => Metadata.isWithinSize({ metadata: encode(value) }))
      .map((value) => ({ schema, value }))
  })
  run(
    `${name} survives create and list`,
    property(environment, runs, drawn, ({ schema, value }) =>
      Effect.gen(function*() {
        const view = yield* TypedMetadata.make(schema)
        const isSame = Schema.equivalence(schema)
        const created = yield* view.create({ emailAddress, publicMetadata: value })
        assert.isTrue(isSame(created.publicMetadata, value))
        const [row, ...others] = (yield* view.list()).data
        assert.deepStrictEqual(others, [])
        if (row === undefined) throw new Error("the list is empty")
        const listed = yield* row
        assert.isTrue(isSame(listed.publicMetadata, value))
        assert.deepStrictEqual(listed, created)
        const untyped = yield* Effect.flatMap(InvitationsService, (invitations) => invitations.list())
        assert.deepStrictEqual(untyped.data.map(({ id }) => id), [listed.id])
      }))
  )
}

/** The promise of a view: its schema decodes what it encodes, for any schema. */
export const typedMetadata = (run: Runner, environment: Environment, runs: number): void => {
  survives(
    run,
    environment,
    runs,
    "a struct with any of the fields",
    fc.subarray([...keys], { minLength: 1 }).map((names) => Schema.Struct(scalars).pipe(Schema.pick(...names)))
  )
  survives(run, environment, runs, "a class", fc.constant(Member))
  survives(
    run,
    environment,
    runs,
    "a struct with options, arrays, a union and a renamed key",
    fc.constant(Schema.Struct({
      members: Schema.Array(Member),
      note: Schema.optionalWith(Schema.String, { as: "Option", nullable: true }),
      plan: Schema.Union(Schema.TaggedStruct("Free", {}), Schema.TaggedStruct("Paid", { seats: Schema.Int })),
      renamed: Schema.propertySignature(Schema.NullOr(Schema.Boolean)).pipe(Schema.fromKey("other-name"))
    }))
  )
}
