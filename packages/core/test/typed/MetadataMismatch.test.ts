import { InvitationsService, TypedMetadata } from "@effect-clerk/core"
import type { Metadata } from "@effect-clerk/core"
import { MetadataMismatch } from "@effect-clerk/core/MetadataMismatch"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck as fc, Option, Redacted, Schema } from "effect"
import { logged, makeFake, renderings } from "../utils.js"
import { makeView, withMetadata } from "./utils.js"

const mismatch = <A, I extends Metadata.Input>(schema: Schema.Schema<A, I>, metadata: Metadata.Metadata) =>
  Effect.gen(function*() {
    const { service } = yield* makeFake()
    const view = yield* Effect.provideService(TypedMetadata.make(schema), InvitationsService, service)
    return yield* Effect.flip(view.decode(withMetadata(1, metadata)))
  })

const secret = "s3cr3t"

const Rich = Schema.Struct({
  text: Schema.String,
  positive: Schema.Number.pipe(Schema.positive()),
  role: Schema.Literal("admin", "member"),
  plan: Schema.Union(
    Schema.Struct({ kind: Schema.Literal("free") }),
    Schema.Struct({ kind: Schema.Literal("paid"), seats: Schema.Int })
  ),
  teams: Schema.optional(Schema.Array(Schema.Struct({ name: Schema.String }))),
  scores: Schema.Record({ key: Schema.String, value: Schema.Number }),
  key: Schema.propertySignature(Schema.String).pipe(Schema.fromKey("api-key")),
  pair: Schema.NullOr(Schema.Tuple(Schema.Boolean, Schema.BigInt)),
  until: Schema.DateTimeUtc
}).annotations({ message: ({ actual }) => JSON.stringify(actual) })

describe("MetadataMismatch", () => {
  it.effect("names every path, and describes what the schema expects", () =>
    Effect.gen(function*() {
      const error = yield* mismatch(Rich, {
        text: 7,
        positive: -1,
        role: secret,
        plan: { kind: "paid", seats: secret },
        teams: [{ name: "a" }, { name: 1 }, secret],
        scores: { [secret]: secret },
        "api-key": 7,
        pair: [true, secret],
        until: secret
      })
      assert.deepStrictEqual(error.issues.map(({ message, path }) => `${path} ${message}`), [
        "publicMetadata.text must be a string",
        "publicMetadata.positive must be a positive number",
        "publicMetadata.role must be \"admin\" | \"member\"",
        "publicMetadata.plan.seats must be a number",
        "publicMetadata.teams[1].name must be a string",
        "publicMetadata.teams[2] must be { readonly name: string }",
        "publicMetadata.scores.(a field) must be a number",
        "publicMetadata.(a field) must be a string",
        "publicMetadata.pair[1] must be BigInt",
        "publicMetadata.until must be DateTimeUtc"
      ])
    }))

  it.effect("names a missing field, and a union that no member fits", () =>
    Effect.gen(function*() {
      const error = yield* mismatch(Schema.Struct({ a: Schema.String, b: Schema.Union(Schema.String, Schema.Null) }), {
        b: 7
      })
      assert.strictEqual(
        error.message,
        "The metadata of invitation inv_1 does not match the schema: " +
          "publicMetadata.a is missing; publicMetadata.b must be string | null"
      )
    }))

  it.effect("calls the form of parseJson a JSON text, unless the schema has a description", () =>
    Effect.gen(function*() {
      const Parsed = Schema.Struct({
        a: Schema.parseJson(),
        b: Schema.parseJson(Schema.Struct({ n: Schema.Number })),
        c: Schema.parseJson(Schema.Struct({ n: Schema.Number })),
        d: Schema.parseJson().annotations({ description: "a saved filter" })
      })
      const torn = `{${secret}`
      const error = yield* mismatch(Parsed, { a: torn, b: torn, c: `{"n":"${secret}"}`, d: torn })
      assert.deepStrictEqual(error.issues.map(({ message, path }) => `${path} ${message}`), [
        "publicMetadata.a must be a JSON text",
        "publicMetadata.b must be a JSON text",
        "publicMetadata.c.n must be a number",
        "publicMetadata.d must be a saved filter"
      ])
    }))

  it.effect("has the untyped invitation, redacted", () =>
    Effect.gen(function*() {
      const error = yield* mismatch(Rich, { text: secret })
      const invitation = Redacted.value(Option.getOrThrow(error.invitation))
      assert.deepStrictEqual(invitation.publicMetadata, { text: secret })
      assert.strictEqual(error.id, invitation.id)
      assert.isTrue(error instanceof Error && error.name === "MetadataMismatch")
    }))

  it.effect("survives JSON without the invitation", () =>
    Effect.gen(function*() {
      const error = yield* mismatch(Rich, { text: secret })
      const text = JSON.stringify(Schema.encodeSync(MetadataMismatch)(error))
      for (const part of [secret, "@example.com"]) assert.notInclude(text, part)
      const read = Schema.decodeUnknownSync(MetadataMismatch)(JSON.parse(text))
      assert.instanceOf(read, MetadataMismatch)
      assert.strictEqual(read.message, error.message)
      assert.strictEqual(read.invitation._tag, "None")
    }))

  it.effect("appears in no rendering and no log with metadata or an address", () =>
    Effect.gen(function*() {
      const error = yield* mismatch(Rich, {
        [secret]: secret,
        text: secret,
        scores: { [secret]: [secret] },
        role: secret
      })
      const texts = [...renderings(error), ...(yield* logged(error))]
      assert.isAbove(texts.length, 20)
      assert.isTrue(texts.some(([, text]) => text.includes("publicMetadata.role")))
      assert.deepStrictEqual(texts.filter(([, text]) => text.includes(secret) || text.includes("@example.com")), [])
    }))

  it.effect.prop("contains no key and no value of the metadata", [
    fc.dictionary(
      fc.oneof(fc.string().map((text) => secret + text), fc.constantFrom(...Object.keys(Rich.fields), "api-key")),
      fc.jsonValue({ stringUnit: fc.constant(secret) }),
      { minKeys: 1 }
    )
  ], ([metadata]) =>
    Effect.gen(function*() {
      const { view } = yield* makeView()
      const errors = [
        yield* mismatch(Rich.annotations({ parseOptions: { onExcessProperty: "error" } }), metadata),
        yield* Effect.flip(view.decode(withMetadata(1, metadata)))
      ]
      for (const { issues, message } of errors) {
        assert.notInclude(message, secret)
        assert.isAbove(issues.length, 0)
      }
    }))
})
