import { CreateInvitation } from "@effect-clerk/core"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Either, Schema } from "effect"

const decode = Schema.decodeUnknownSync(CreateInvitation)
const encode = Schema.encodeSync(CreateInvitation)
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

const fullWire = {
  email_address: emailAddress,
  public_metadata: { role: "admin" },
  redirect_url: "https://example.com/welcome",
  notify: false,
  ignore_existing: true,
  expires_in_days: 7,
  template_slug: "waitlist_invitation"
} as const

describe("CreateInvitation", () => {
  // The compiler checks the types; the test does nothing at run time.
  it("has the same type as its Input", () => {
    expectTypeOf<CreateInvitation.Input>().toExtend<CreateInvitation>()
    expectTypeOf<CreateInvitation>().toExtend<CreateInvitation.Input>()
    expectTypeOf<keyof CreateInvitation.Input>().toEqualTypeOf<keyof CreateInvitation>()
    expectTypeOf<Required<CreateInvitation.Input>>().toExtend<Required<CreateInvitation>>()
    expectTypeOf<Required<CreateInvitation>>().toExtend<Required<CreateInvitation.Input>>()
  })

  it("encodes to the body of Clerk's request", () => {
    assert.deepStrictEqual<unknown>(encode(full), fullWire)
  })

  it("decodes the body of Clerk's request", () => {
    assert.deepStrictEqual<unknown>(decode(fullWire), full)
  })

  it("omits absent fields, so that Clerk's defaults apply", () => {
    assert.deepStrictEqual<unknown>(encode({ emailAddress }), { email_address: emailAddress })
    assert.deepStrictEqual<unknown>(decode({ email_address: emailAddress }), { emailAddress })
  })

  it("decodes null as absent", () => {
    const nulls = {
      email_address: emailAddress,
      public_metadata: null,
      redirect_url: null,
      notify: null,
      ignore_existing: null,
      expires_in_days: null,
      template_slug: null
    }
    assert.deepStrictEqual<unknown>(decode(nulls), { emailAddress })
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
    assert.strictEqual(JSON.stringify(encode(undefineds)), `{"email_address":"${emailAddress}"}`)
  })

  it.each(Object.keys(full).filter((key) => key !== "emailAddress"))("rejects null for %s in an input", (field) => {
    assert.isTrue(is({ ...full, [field]: undefined }))
    assert.isFalse(is({ ...full, [field]: null }))
  })

  it.each([undefined, null, "", "ada", "ada@", "@example.com", "a b@example.com", "a@b@c", 7])(
    "rejects the address %j",
    (address) => {
      assert.isFalse(is({ ...full, emailAddress: address }))
      assert.isTrue(
        Either.isLeft(Schema.decodeUnknownEither(CreateInvitation)({ ...fullWire, email_address: address }))
      )
    }
  )

  it.each([1, 2, 30, 364, 365])("accepts expiresInDays %d", (expiresInDays) => {
    assert.isTrue(is({ emailAddress, expiresInDays }))
    assert.strictEqual(
      decode({ email_address: emailAddress, expires_in_days: expiresInDays }).expiresInDays,
      expiresInDays
    )
  })

  it.each([0, -1, 366, 1.5, NaN, Infinity, "7", 7n])("rejects expiresInDays %s", (expiresInDays) => {
    assert.isFalse(is({ emailAddress, expiresInDays }))
    assert.isTrue(
      Either.isLeft(
        Schema.decodeUnknownEither(CreateInvitation)({ email_address: emailAddress, expires_in_days: expiresInDays })
      )
    )
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

  it.prop("decodes every encoded request to the same request", [CreateInvitation], ([request]) => {
    const defined = Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined))
    assert.deepStrictEqual<unknown>(decode(encode(request)), defined)
  })
})
