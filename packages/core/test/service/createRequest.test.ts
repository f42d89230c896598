import { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Either, FastCheck as fc } from "effect"
import { validateCreate } from "../../src/internal/schema/createRequest.js"
import { typeSide, validate } from "../../src/internal/schema/validate.js"

const run = <A, E>(effect: Effect.Effect<A, E>) => Effect.runSync(Effect.either(effect))

const bySchema = validate(typeSide(CreateInvitation), "create")

const shortWay = validateCreate("create")

const assertSame = (input: unknown) => {
  const [expected, actual] = [run(bySchema(input)), run(shortWay(input))]
  assert.deepStrictEqual(
    Either.mapLeft(actual, ({ message }) => message),
    Either.mapLeft(expected, ({ message }) => message)
  )
}

const address = fc.stringMatching(/^[a-z.@'"é\u200b <+_-]{0,6}@?[a-z.@,-]{0,6}$/)

const field = fc.oneof(fc.constant(undefined), fc.constant(null), fc.anything())

const optional = <A>(arbitrary: fc.Arbitrary<A>) => fc.oneof({ weight: 4, arbitrary }, field)

describe("the validation of a create", () => {
  it("accepts, rejects and returns what the schema does, for valid requests", () => {
    fc.assert(fc.property(Arbitrary.make(CreateInvitation), assertSame))
  })

  it("accepts, rejects and returns what the schema does, for other inputs", () => {
    const requests = fc.record({
      emailAddress: fc.oneof(address, field),
      publicMetadata: optional(fc.dictionary(fc.string(), fc.anything())),
      redirectUrl: optional(fc.string()),
      notify: optional(fc.boolean()),
      ignoreExisting: optional(fc.boolean()),
      expiresInDays: optional(fc.integer({ min: -1, max: 367 })),
      templateSlug: optional(fc.constantFrom("invitation", "waitlist_invitation", "reminder")),
      email: field
    }, { requiredKeys: [] })
    fc.assert(fc.property(requests, assertSame), { numRuns: 2000 })
    fc.assert(fc.property(fc.anything(), assertSame))
  })

  const emailAddress = "ada@example.com"

  it.each<readonly [string, unknown]>([
    ["an object without a prototype", Object.assign(Object.create(null), { emailAddress })],
    [
      "an instance of a class",
      new (class {
        readonly emailAddress = emailAddress
      })()
    ],
    ["an inherited address", Object.create({ emailAddress })],
    ["a symbol", { emailAddress, [Symbol("key")]: 1 }],
    ["a field that is not enumerable", Object.defineProperty({ emailAddress }, "hidden", { value: 1 })],
    ["an address of the maximum length", { emailAddress: `${"x".repeat(242)}@example.com` }],
    ["a longer address", { emailAddress: `${"x".repeat(243)}@example.com` }],
    ["metadata of the maximum size", { emailAddress, publicMetadata: { text: "x".repeat(8181) } }],
    ["larger metadata", { emailAddress, publicMetadata: { text: "x".repeat(8182) } }]
  ])("accepts or rejects as the schema does: %s", (_, input) => {
    assertSame(input)
  })

  it("returns a copy, which does not change with the input", () => {
    const input = { emailAddress }
    const valid = Either.getOrThrow(run(shortWay(input)))
    input.emailAddress = "grace@example.com"
    assert.strictEqual(valid.emailAddress, emailAddress)
  })

  it("checks the value that it returns, if a getter returns another one each time", () => {
    let reads = 0
    const input = {
      get emailAddress() {
        return reads++ === 0 ? emailAddress : "ada"
      }
    }
    assert.strictEqual(Either.getOrThrow(run(shortWay(input))).emailAddress, emailAddress)
  })
})
