import { CreateInvitation } from "@effect-clerk/core"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Schema } from "effect"

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
  it("has the same type as its Input", () => {
    expectTypeOf<CreateInvitation.Input>().toExtend<CreateInvitation>()
    expectTypeOf<CreateInvitation>().toExtend<CreateInvitation.Input>()
    expectTypeOf<keyof CreateInvitation.Input>().toEqualTypeOf<keyof CreateInvitation>()
    expectTypeOf<Required<CreateInvitation.Input>>().toExtend<Required<CreateInvitation>>()
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
