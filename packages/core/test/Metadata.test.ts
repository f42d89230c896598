import { Metadata } from "@effect-clerk/core"
import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck as fc, Schema } from "effect"
import { untyped } from "./utils.js"

const { equals, isMetadata, maxDepth } = Metadata

const jsonObject = fc.dictionary(fc.string(), fc.jsonValue())

const roundTrip = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** An object with `levels` objects below it. */
const nested = (levels: number): Metadata.Metadata =>
  Array.from({ length: levels }).reduce<Metadata.Metadata>((inner) => ({ inner }), {})

/** The same without a prototype. */
const bare = (properties: Metadata.Metadata): Metadata.Metadata =>
  Object.assign(untyped<Metadata.Metadata>(Object.create(null)), properties)

class Money {
  constructor(readonly amount: number) {}
}

describe("isMetadata", () => {
  it("accepts every kind of JSON value in an object", () => {
    assert.isTrue(
      isMetadata({ text: "", number: -1.5, yes: true, nothing: null, list: [1, [], {}], object: { a: {} } })
    )
    assert.isTrue(isMetadata({}))
  })

  it.each([null, undefined, "text", 1, true, [], [{}], Symbol("x"), () => ({}), 1n])(
    "rejects %o, which is no object",
    (value) => {
      assert.isFalse(isMetadata(value))
    }
  )

  it.each<readonly [what: string, value: unknown]>([
    ["a date", new Date(0)],
    ["NaN", NaN],
    ["an infinite number", Infinity],
    ["a negative infinite number", -Infinity],
    ["a class instance", new Money(1)],
    ["a map", new Map([["a", 1]])],
    ["a set", new Set([1])],
    ["a regular expression", /x/],
    ["a boxed string", Object("x")],
    ["a typed array", new Uint8Array(1)],
    ["a function", () => 1],
    ["a symbol", Symbol("x")],
    ["a bigint", 1n],
    ["an object with a prototype of its own", Object.create({ inherited: 1 })],
    ["an undefined item of a list", [undefined]]
  ])("rejects %s, at the top and at any depth", (_, value) => {
    assert.isFalse(isMetadata(value))
    assert.isFalse(isMetadata({ value }))
    assert.isFalse(isMetadata({ fine: 1, list: [1, { value }] }))
  })

  it("accepts an object without a prototype", () => {
    assert.isTrue(isMetadata(bare({ a: bare({}) })))
  })

  it("accepts an undefined property, which counts as absent", () => {
    assert.isTrue(isMetadata({ a: undefined, b: { c: undefined } }))
  })

  it("rejects a cyclic object", () => {
    const self: Record<string, unknown> = { a: 1 }
    self["self"] = self
    assert.isFalse(isMetadata(self))
    self["twice"] = self
    assert.isFalse(isMetadata(self))
    const list: Array<unknown> = []
    list.push(list, list)
    assert.isFalse(isMetadata({ list }))
  })

  it("accepts an object that appears in two places", () => {
    const shared = { a: 1 }
    assert.isTrue(isMetadata({ left: shared, right: [shared, shared] }))
  })

  it("accepts 100 levels below the object itself and rejects 101", () => {
    assert.strictEqual(maxDepth, 100)
    assert.isTrue(isMetadata(nested(100)))
    assert.isFalse(isMetadata(nested(101)))
    assert.isFalse(isMetadata(nested(10_000)))
  })

  it.prop("accepts every JSON object, which then survives JSON", [jsonObject], ([value]) => {
    assert.isTrue(isMetadata(value))
    const there = roundTrip(value)
    assert(isMetadata(there))
    assert.isTrue(equals(value, there))
    assert.isTrue(equals(there, value))
  })

  it.prop(
    "rejects every object with a value that JSON loses",
    [jsonObject, fc.constantFrom(NaN, Infinity, new Date(0), new Money(1), () => 1, 1n, [undefined])],
    ([value, lossy]) => {
      assert.isFalse(isMetadata({ ...value, lossy }))
      assert.isFalse(isMetadata({ value: [value, lossy] }))
    }
  )

  it.prop("accepts only objects that survive JSON", [fc.dictionary(fc.string(), fc.anything())], ([value]) => {
    if (isMetadata(value)) {
      const there = roundTrip(value)
      assert.isTrue(isMetadata(there) && equals(value, there))
    }
  }, { fastCheck: { numRuns: 1000 } })
})

describe("equals", () => {
  it("ignores the order of keys", () => {
    assert.isTrue(equals({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }))
  })

  it("compares the order of a list", () => {
    assert.isTrue(equals({ a: [1, 2] }, { a: [1, 2] }))
    assert.isFalse(equals({ a: [1, 2] }, { a: [2, 1] }))
    assert.isFalse(equals({ a: [1] }, { a: [1, 1] }))
    assert.isFalse(equals({ a: [1, 1] }, { a: [1] }))
  })

  it("treats undefined as absent, at any depth", () => {
    assert.isTrue(equals({ a: 1, b: undefined }, { a: 1 }))
    assert.isTrue(equals({ a: 1 }, { a: 1, b: undefined }))
    assert.isTrue(equals({ a: [{ b: undefined }] }, { a: [{}] }))
    assert.isFalse(equals({ a: undefined, b: 1 }, { a: 1, b: undefined }))
  })

  it.each<readonly [Metadata.Metadata, Metadata.Metadata]>([
    [{ a: null }, {}],
    [{ a: null }, { a: undefined }],
    [{ a: 0 }, { a: false }],
    [{ a: 0 }, { a: "0" }],
    [{ a: "" }, { a: null }],
    [{ a: {} }, { a: [] }],
    [{ a: {} }, { a: null }],
    [{ a: [] }, { a: null }],
    [{ a: { b: 1 } }, { a: { b: 2 } }],
    [{ a: { b: 1 } }, { a: { c: 1 } }],
    [{ a: 1 }, { a: 1, b: 1 }],
    [{ a: ["x"] }, { a: { 0: "x" } }],
    [{ toString: null }, {}],
    [{ a: {} }, { b: {} }]
  ])("distinguishes %j from %j, in both directions", (self, that) => {
    assert.isFalse(equals(self, that))
    assert.isFalse(equals(that, self))
  })

  it("ignores inherited keys", () => {
    assert.isFalse(equals({ a: 1 }, { constructor: Object }))
    assert.isFalse(equals({ constructor: Object }, { a: 1 }))
    assert.isFalse(equals(Object.fromEntries([["__proto__", 1]]), { a: 1 }))
  })

  it("ignores a missing prototype", () => {
    assert.isTrue(equals(bare({ a: 1 }), { a: 1 }))
  })

  it("treats -0 as 0, like JSON", () => {
    assert.isTrue(equals({ a: -0 }, { a: 0 }))
  })

  it.prop("agrees with the JSON text of both, keys in order", [jsonObject, jsonObject], ([self, that]) => {
    const canonical = (value: unknown) =>
      JSON.stringify(value, (_, item: unknown) =>
        typeof item === "object" && item !== null && !Array.isArray(item)
          ? Object.entries(item).sort(([a], [b]) => a < b ? -1 : 1)
          : item)
    assert.strictEqual(equals(self, that), canonical(self) === canonical(that))
    assert.strictEqual(equals(that, self), equals(self, that))
    assert.isTrue(equals(self, self))
    // Two random objects are almost never equal; an object with reversed keys is.
    assert.isTrue(equals(self, Object.fromEntries(Object.entries(self).reverse())))
  })
})

describe("Metadata", () => {
  it("rejects what isMetadata rejects, and its message names the requirement, never the value", () => {
    const outcome = Schema.decodeUnknownEither(Metadata.Metadata)({ since: new Date(0), who: "ada@example.com" })
    const message = Either.match(outcome, { onLeft: String, onRight: () => "accepted" })
    assert.include(message, "must be a plain JSON object")
    assert.isFalse(message.includes("ada"))
  })

  it.prop("decodes and encodes metadata unchanged", [Metadata.Metadata], ([value]) => {
    assert.deepStrictEqual(Schema.decodeUnknownSync(Metadata.Metadata)(value), value)
    assert.deepStrictEqual(Schema.encodeSync(Metadata.Metadata)(value), value)
  })
})

describe("isMetadata on values that JSON changes", () => {
  it("rejects a list with holes, which JSON fills with null", () => {
    const list: Array<number> = []
    list[1] = 1
    assert.isFalse(isMetadata({ list }))
  })

  it("rejects a symbol key, which JSON omits", () => {
    assert.isFalse(isMetadata({ [Symbol("x")]: 1 }))
  })
})

describe("isWithinSize", () => {
  const ofSize = (bytes: number, character: string) => ({
    x: character.repeat((bytes - "{\"x\":\"\"}".length) / new TextEncoder().encode(character).length)
  })

  it("accepts 8 KB of JSON in UTF-8 and rejects one byte more", () => {
    assert.isTrue(Metadata.isWithinSize(ofSize(8192, "x")))
    assert.isFalse(Metadata.isWithinSize(ofSize(8193, "x")))
    assert.isTrue(Metadata.isWithinSize(ofSize(8192, "é")))
    assert.isFalse(Metadata.isWithinSize(ofSize(8194, "é")))
  })
})
