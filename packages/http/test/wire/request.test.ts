import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import { CreateInvitation as CreateInvitationSchema } from "@effect-clerk/core/CreateInvitation"
import { OrderBy } from "@effect-clerk/core/ListInvitations"
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Either, FastCheck as fc, Schema } from "effect"
import { CreateBody, toCreateBody, toQueryString } from "../../src/internal/wire/request.js"

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

const fullBody = {
  email_address: emailAddress,
  public_metadata: { role: "admin" },
  redirect_url: "https://example.com/welcome",
  notify: false,
  ignore_existing: true,
  expires_in_days: 7,
  template_slug: "waitlist_invitation"
}

const decode = Schema.decodeUnknownSync(CreateBody)
const decodeEither = Schema.decodeUnknownEither(CreateBody)

describe("the body of a create", () => {
  it("has every field in snake_case", () => {
    assert.deepStrictEqual<unknown>(toCreateBody(full), fullBody)
    assert.deepStrictEqual<unknown>(Schema.encodeSync(CreateBody)(full), fullBody)
    assert.deepStrictEqual<unknown>(decode(fullBody), full)
  })

  it("omits absent fields, so that Clerk's defaults apply", () => {
    assert.strictEqual(JSON.stringify(toCreateBody({ emailAddress })), `{"email_address":"${emailAddress}"}`)
    assert.strictEqual(
      JSON.stringify(toCreateBody({ emailAddress, notify: undefined })),
      `{"email_address":"${emailAddress}"}`
    )
    assert.deepStrictEqual<unknown>(decode({ email_address: emailAddress }), { emailAddress })
  })

  it.each([
    ["email_address", "ada@"],
    ["email_address", null],
    ["expires_in_days", 366],
    ["expires_in_days", "7"],
    ["redirect_url", ""],
    ["notify", "true"],
    ["template_slug", "reminder"]
  ])("rejects a %s that is %j", (field, value) => {
    assert.isTrue(Either.isRight(decodeEither(fullBody)))
    assert.isTrue(Either.isLeft(decodeEither({ ...fullBody, [field]: value })))
  })

  it.prop("is decoded to the same request", [Arbitrary.make(CreateInvitationSchema)], ([request]) => {
    const read: unknown = decode(JSON.parse(JSON.stringify(toCreateBody(request))))
    assert.deepStrictEqual(read, JSON.parse(JSON.stringify(request)))
  })
})

describe("the query string of a list", () => {
  it("has every field in snake_case", () => {
    assert.strictEqual(
      toQueryString({ status: "revoked", query: "ada+b@example.com", orderBy: "+created_at", limit: 500, offset: 20 }),
      "paginated=true&status=revoked&query=ada%2Bb%40example.com&order_by=%2Bcreated_at&limit=500&offset=20"
    )
  })

  it("omits absent fields, so that Clerk's defaults apply", () => {
    assert.strictEqual(toQueryString({}), "paginated=true")
    assert.strictEqual(toQueryString({ status: undefined, limit: undefined }), "paginated=true")
  })

  it.prop(
    "keeps every query and order",
    [fc.string({ unit: "grapheme" }), Arbitrary.make(OrderBy)],
    ([query, orderBy]) => {
      const search = new URLSearchParams(toQueryString({ query, orderBy }))
      assert.strictEqual(search.get("query"), query)
      assert.strictEqual(search.get("order_by"), orderBy)
    }
  )
})
