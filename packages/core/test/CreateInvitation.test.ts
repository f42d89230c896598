import { Metadata } from "@effect-clerk/core"
import { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Effect, Schema, Stream } from "effect"
import { makeFake } from "./utils.js"

const is = Schema.is(CreateInvitation)

const emailAddress = "ada@example.com"

const full: CreateInvitation = {
  emailAddress,
  publicMetadata: { role: "admin" },
  redirectUrl: "https://example.com/welcome",
  notify: false,
  ignoreExisting: true,
  expiresInDays: 7,
  templateSlug: "waitlist_invitation"
}

describe("CreateInvitation", () => {
  // The compiler checks the types; the test does nothing at run time.
  it("has the same type as its Input, except that Input accepts more types of metadata", () => {
    type WithMetadata = Omit<CreateInvitation.Input, "publicMetadata"> & Pick<CreateInvitation, "publicMetadata">
    expectTypeOf<WithMetadata>().toExtend<CreateInvitation>()
    expectTypeOf<CreateInvitation>().toExtend<CreateInvitation.Input>()
    expectTypeOf<keyof CreateInvitation.Input>().toEqualTypeOf<keyof CreateInvitation>()
    expectTypeOf<Required<WithMetadata>>().toExtend<Required<CreateInvitation>>()
    expectTypeOf<Required<CreateInvitation>>().toExtend<Required<CreateInvitation.Input>>()
  })

  it("accepts undefined as absent", () => {
    const undefineds: CreateInvitation.Input = {
      emailAddress,
      publicMetadata: undefined,
      redirectUrl: undefined,
      notify: undefined,
      ignoreExisting: undefined,
      expiresInDays: undefined,
      templateSlug: undefined
    }
    assert.isTrue(is(undefineds))
  })

  it.each(Object.keys(full).filter((key) => key !== "emailAddress"))("rejects null for %s in an input", (field) => {
    assert.isTrue(is({ ...full, [field]: undefined }))
    assert.isFalse(is({ ...full, [field]: null }))
  })

  it.each([undefined, null, "", "ada", "ada@", "@example.com", "a b@example.com", "a@b@c", 7])(
    "rejects the address %j",
    (address) => {
      assert.isFalse(is({ ...full, emailAddress: address }))
    }
  )

  it.each([1, 2, 30, 364, 365])("accepts expiresInDays %d", (expiresInDays) => {
    assert.isTrue(is({ emailAddress, expiresInDays }))
  })

  it.each([0, -1, 366, 1.5, NaN, Infinity, "7", 7n])("rejects expiresInDays %s", (expiresInDays) => {
    assert.isFalse(is({ emailAddress, expiresInDays }))
  })

  it.each([
    ["publicMetadata", new Date(0)],
    ["publicMetadata", { since: new Date(0) }],
    ["publicMetadata", [1]],
    ["publicMetadata", "{}"],
    ["redirectUrl", ""],
    ["redirectUrl", 7],
    ["redirectUrl", new URL("https://example.com")],
    ["notify", "true"],
    ["notify", 1],
    ["ignoreExisting", "false"],
    ["templateSlug", "reminder"],
    ["templateSlug", ""]
  ])("rejects %s with the value %o", (field, value) => {
    assert.isTrue(is(full))
    assert.isFalse(is({ ...full, [field]: value }))
  })

  it.each(["invitation", "waitlist_invitation"])("accepts the template %s", (templateSlug) => {
    assert.isTrue(is({ emailAddress, templateSlug }))
  })

  it.prop("survives JSON", [CreateInvitation], ([request]) => {
    const defined = Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined))
    const read: unknown = Schema.decodeUnknownSync(CreateInvitation)(
      JSON.parse(JSON.stringify(Schema.encodeSync(CreateInvitation)(request)))
    )
    assert.deepStrictEqual(read, JSON.parse(JSON.stringify(defined)))
  })
})

describe("the type of publicMetadata in an input", () => {
  interface Team {
    readonly name: string
  }

  interface Membership {
    readonly team: Team
    readonly roles?: ReadonlyArray<string> | undefined
  }

  const membership: Membership = { team: { name: "engines" } }

  const accept = (publicMetadata: CreateInvitation.Input["publicMetadata"]): boolean =>
    is({ emailAddress, publicMetadata })

  it("accepts literals, records and values of an interface", () => {
    const record: Readonly<Record<string, string>> = { team: "engines" }
    const metadata: Metadata.Metadata = { team: "engines" }
    for (const value of [membership, record, metadata]) assert.isTrue(accept(value))
    assert.isTrue(accept({ team: "engines", size: null, constructor: 1 }))
    assert.isTrue(accept({}))
    assert.isTrue(Metadata.equals(membership, { team: { name: "engines" } }))
  })

  it("does not accept other objects, which are invalid at run time too", () => {
    // @ts-expect-error -- An array is no metadata.
    assert.isFalse(accept(["engines"]))
    // @ts-expect-error -- A function is no metadata.
    assert.isFalse(accept(() => "engines"))
    // @ts-expect-error -- A date is no metadata.
    assert.isFalse(accept(new Date(0)))
    // @ts-expect-error -- A map is no metadata.
    assert.isFalse(accept(new Map([["team", "engines"]])))
    // @ts-expect-error -- A string is no metadata.
    assert.isFalse(accept("{}"))
    // @ts-expect-error -- `null` is no metadata.
    assert.isFalse(accept(null))
    class Point {
      readonly x = 1
    }
    // The compiler cannot tell an instance from a plain object.
    assert.isFalse(accept(new Point()))
  })

  it.effect("accepts a value of an interface in every method that creates", () =>
    Effect.gen(function*() {
      const { calls, service } = yield* makeFake()
      const request = (n: number) => ({ emailAddress: `person${n}@example.com`, publicMetadata: membership })
      yield* service.create(request(1))
      yield* service.ensure(request(2))
      yield* service.createBulk([request(3)])
      yield* Stream.runDrain(service.inviteMany([request(4)]))
      const sent = (yield* calls).filter(({ method }) => method !== "list").map(({ input }) => JSON.stringify(input))
      assert.strictEqual(sent.length, 4)
      for (const input of sent) assert.include(input, JSON.stringify(membership))
    }))
})
