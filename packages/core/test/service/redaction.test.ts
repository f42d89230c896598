import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck as fc } from "effect"
import { renderings } from "../utils.js"
import { bulk, emailAddress, invalidRequest, issuesOf, type Method } from "./utils.js"

describe("redaction of InvalidRequest", () => {
  const marker = "s3cr3t"

  class Box {
    constructor(readonly content: string) {}
  }

  /** Values that are invalid for every field; each contains the marker. */
  const junk = fc.letrec<{ readonly leaf: unknown; readonly any: unknown }>((tie) => ({
    leaf: fc.oneof(
      fc.string().map((text) => `${text} ${marker} @ ${text}`),
      fc.constant(Symbol(marker)),
      fc.constant(Object.assign(() => marker, { marker })),
      fc.constant(Object.assign(new Date(0), { marker })),
      fc.constant(new Error(marker)),
      fc.constant(new Box(marker)),
      fc.constant(new Map([[marker, marker]])),
      fc.constant(new Set([marker])),
      fc.constant(new URL(`https://example.com/${marker}`)),
      fc.constant(Object(marker))
    ),
    any: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      tie("leaf"),
      fc.array(tie("any"), { minLength: 1, maxLength: 3 }),
      tie("any").map((value) => ({ [marker]: value })),
      tie("any").map((value) => ({ _tag: "Some", value, message: marker, toString: () => marker }))
    )
  })).any

  /** Values that are invalid as metadata, or as a URL. */
  const invalidMetadata = junk.map((value) => ({
    [marker]: marker,
    list: [marker, { [marker]: Symbol(marker), value }]
  }))
  const notString = junk.filter((value) => typeof value !== "string")

  const requestWith: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
    junk.map((value) => ({ emailAddress: value })),
    fc.constantFrom(marker, `${marker}@`, `@${marker}`, `${marker}@${marker}@x`, `${marker} a@x.co`).map((address) => ({
      emailAddress: address
    })),
    invalidMetadata.map((value) => ({ emailAddress, publicMetadata: value })),
    notString.map((value) => ({ emailAddress, redirectUrl: value })),
    fc.tuple(fc.constantFrom("notify", "ignoreExisting", "expiresInDays", "templateSlug", "extra"), junk).map((
      [field, value]
    ) => ({ emailAddress, [field]: value })),
    fc.tuple(junk, invalidMetadata, junk).map(([address, publicMetadata, value]) => ({
      emailAddress: address,
      publicMetadata,
      notify: value,
      ignoreExisting: value,
      expiresInDays: value,
      templateSlug: value,
      extra: value
    }))
  )

  const filterWith: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
    fc.tuple(fc.constantFrom("status", "orderBy", "limit", "offset", "pageSize", "concurrency", "extra"), junk).map((
      [field, value]
    ) => ({ [field]: value })),
    notString.map((value) => ({ query: value }))
  )

  const assertRedacted = (method: Method, input: unknown) =>
    Effect.map(invalidRequest(method, input), (error) => {
      assert.isFalse(error.message.includes(marker))
      assert.deepStrictEqual(renderings(error).filter(([, text]) => text.includes(marker)), [])
    })

  it.effect.prop(
    "create and ensure never quote the request",
    [requestWith],
    ([request]) => Effect.zipRight(assertRedacted("create", request), assertRedacted("ensure", request))
  )

  it.effect.prop(
    "createBulk never quotes a request",
    [fc.nat({ max: 4 }), fc.array(requestWith, { minLength: 1, maxLength: 5 })],
    ([before, wrong]) => assertRedacted("createBulk", [...bulk(before), ...wrong])
  )

  it.effect.prop(
    "createBulk never quotes a batch that is too large",
    [fc.array(requestWith, { minLength: 11, maxLength: 12 })],
    ([requests]) => assertRedacted("createBulk", requests),
    { fastCheck: { numRuns: 10 } }
  )

  it.effect.prop(
    "list and stream never quote the filter",
    [filterWith],
    ([filter]) => Effect.zipRight(assertRedacted("list", filter), assertRedacted("stream", filter))
  )

  it.effect.prop(
    "revoke, delete and findById never quote the id",
    [junk],
    ([id]) =>
      Effect.all([assertRedacted("revoke", id), assertRedacted("delete", id), assertRedacted("findById", id)], {
        discard: true
      })
  )

  it.effect.prop(
    "revokeMany never quotes the target",
    [fc.constantFrom("emailAddresses", "query", "status", "allPending", "extra"), notString],
    ([field, value]) =>
      Effect.zipRight(
        assertRedacted("revokeMany", { [field]: field === "emailAddresses" ? [emailAddress, value] : value }),
        assertRedacted("revokeMany", { ids: marker })
      )
  )

  it.effect.prop("findByEmail never quotes the address", [junk], ([address]) => assertRedacted("findByEmail", address))

  describe("of an input that is no object or array", () => {
    const whole = fc.oneof(
      fc.constant(marker),
      fc.constant(Symbol(marker)),
      fc.constant([marker]),
      fc.constant([[{ [marker]: marker }]]),
      fc.constant([new Box(marker)])
    )

    it.effect("create and ensure never quote it", () =>
      Effect.forEach(
        fc.sample(whole, 50),
        (input) => Effect.zipRight(assertRedacted("create", input), assertRedacted("ensure", input))
      ))

    it.effect("createBulk never quotes it", () =>
      Effect.forEach([marker, { marker }, Symbol(marker)], (input) => assertRedacted("createBulk", input)))

    it.effect("createBulk never quotes an item that is no object", () =>
      Effect.forEach(
        [marker, [marker], Symbol(marker)],
        (input) => assertRedacted("createBulk", [{ emailAddress }, input])
      ))

    it.effect("list and stream never quote it", () =>
      Effect.forEach(
        fc.sample(whole, 50),
        (input) => Effect.zipRight(assertRedacted("list", input), assertRedacted("stream", input))
      ))

    it.effect("names the requirement", () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(issuesOf(yield* invalidRequest("create", null)), [["", "must be an object"]])
        assert.deepStrictEqual(issuesOf(yield* invalidRequest("list", 7)), [["", "must be an object"]])
        assert.deepStrictEqual(issuesOf(yield* invalidRequest("createBulk", [])), [
          ["requests", "must be an array of 1 to 10 requests"]
        ])
        assert.deepStrictEqual(issuesOf(yield* invalidRequest("createBulk", [null])), [[
          "requests[0]",
          "must be an object"
        ]])
      }))
  })
})
