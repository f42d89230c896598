import { assert, describe, it } from "@effect/vitest"
import { Equal, Hash, Option, Redacted } from "effect"
import { deepStrictEqual } from "node:assert"
import { inspect } from "node:util"
import * as AcceptLink from "../../src/internal/wire/acceptLink.js"

const link = "https://clerk.example.com/v1/tickets/accept?ticket=s3cr3t"

const eager = Option.some(Redacted.make(link))

describe("the accept link of a row", () => {
  it("has the link, and the same redacted value at every read", () => {
    const url = Option.getOrThrow(AcceptLink.some(link))
    assert.strictEqual(Redacted.value(url), link)
    const some = AcceptLink.some(link)
    assert.strictEqual(Option.getOrThrow(some), Option.getOrThrow(some))
  })

  it("keeps the links of two rows apart", () => {
    const [first, second] = [AcceptLink.some("a"), AcceptLink.some("b")]
    assert.deepStrictEqual([second, first].map((some) => Redacted.value(Option.getOrThrow(some))), ["b", "a"])
    assert.isFalse(Equal.equals(first, second))
  })

  it("is an Option like any other", () => {
    const lazy = AcceptLink.some(link)
    assert.isTrue(Option.isOption(lazy))
    assert.isTrue(Option.isSome(lazy))
    assert.isTrue(Equal.equals(lazy, eager))
    assert.isTrue(Equal.equals(eager, lazy))
    assert.strictEqual(Hash.hash(lazy), Hash.hash(eager))
    assert.deepStrictEqual(Object.keys(AcceptLink.some(link)), Object.keys(eager))
    assert.strictEqual(Object.getPrototypeOf(lazy), Object.getPrototypeOf(eager))
    assert.strictEqual(JSON.stringify(lazy), JSON.stringify(eager))
    assert.strictEqual(inspect(lazy), inspect(eager))
    deepStrictEqual(AcceptLink.some(link), Option.some(Redacted.make(link)))
  })

  it("is in no rendering, before and after it is read", () => {
    const lazy = AcceptLink.some(link)
    const renderings = () => [
      inspect(lazy, { depth: null, showHidden: true, getters: true, customInspect: false }),
      String(lazy),
      JSON.stringify(Object.values(Object.getOwnPropertyDescriptors(lazy)).map(String)),
      JSON.stringify(structuredClone(lazy))
    ]
    for (const text of renderings()) assert.isFalse(text.includes("s3cr3t"))
    assert.strictEqual(Redacted.value(Option.getOrThrow(lazy)), link)
    for (const text of renderings()) assert.isFalse(text.includes("s3cr3t"))
  })

  it("does not throw in a copy of its property descriptors, which test runners make to print a difference", () => {
    const lazy = AcceptLink.some(link)
    const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(lazy))
    assert.deepStrictEqual(Object.entries(copy), [["value", undefined]])
  })
})
