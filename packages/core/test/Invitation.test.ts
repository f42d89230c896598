import {
  DeletedInvitation,
  Invitation,
  InvitationId,
  InvitationStatus,
  isInvitationId,
  knownStatus,
  WithAcceptLink
} from "@effect-clerk/core/Invitation"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Either, Equal, JSONSchema, Option, Redacted, Schema } from "effect"
import { inspect } from "node:util"
import { renderings } from "./utils.js"

const link = "https://accounts.example.com/v1/tickets/accept?ticket=s3cr3t"

const make = (status = "pending") =>
  new Invitation({
    id: InvitationId.make("inv_2abcDEF"),
    emailAddress: "ada@example.com",
    publicMetadata: { role: "admin", teams: ["a", "b"] },
    status,
    revoked: false,
    url: Option.some(Redacted.make(link)),
    expiresAt: Option.some(DateTime.unsafeMake(1769817600000)),
    createdAt: DateTime.unsafeMake(1767225600000),
    updatedAt: DateTime.unsafeMake(1767225600001)
  })

const encoded = {
  id: "inv_2abcDEF",
  emailAddress: "ada@example.com",
  publicMetadata: { role: "admin", teams: ["a", "b"] },
  status: "pending",
  revoked: false,
  expiresAt: "2026-01-31T00:00:00.000Z",
  createdAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-01T00:00:00.001Z"
}

const decode = Schema.decodeUnknownSync(Invitation)
const decodeEither = Schema.decodeUnknownEither(Invitation)
const encode = Schema.encodeSync(Invitation)

const withoutLink = (invitation: Invitation) => new Invitation({ ...invitation, url: Option.none() })

describe("Invitation", () => {
  it("encodes every field but the accept link", () => {
    assert.deepStrictEqual<unknown>(encode(make()), encoded)
  })

  it("decodes what it encodes, without the accept link", () => {
    const invitation = decode(encoded)
    assert.instanceOf(invitation, Invitation)
    assert.isTrue(Equal.equals(invitation, withoutLink(make())))
    assert.isTrue(Option.isNone(invitation.url))
  })

  it("ignores an accept link in the encoded form, and does not quote it in an error", () => {
    assert.isTrue(Option.isNone(decode({ ...encoded, url: link }).url))
    const failure = decodeEither({ ...encoded, url: link, createdAt: 7 })
    assert.isTrue(Either.isLeft(failure))
    assert.notInclude(String(failure), "s3cr3t")
  })

  it("omits absent fields", () => {
    const { expiresAt: _, revoked: __, ...sparse } = encoded
    assert.deepStrictEqual<unknown>(encode(decode(sparse)), sparse)
  })

  it.prop("survives JSON without its accept link", [Invitation], ([invitation]) => {
    const read = decode(JSON.parse(JSON.stringify(encode(invitation))))
    assert.isTrue(Equal.equals(read, withoutLink(invitation)))
  })

  it.prop("survives JSON with its accept link as WithAcceptLink", [Invitation], ([invitation]) => {
    const text = JSON.stringify(Schema.encodeSync(WithAcceptLink)(invitation))
    const read = Schema.decodeUnknownSync(WithAcceptLink)(JSON.parse(text))
    assert.instanceOf(read, Invitation)
    assert.isTrue(Equal.equals(read, invitation))
    Option.match(invitation.url, {
      onNone: () => assert.isTrue(Option.isNone(read.url)),
      onSome: (url) => assert.strictEqual(Redacted.value(Option.getOrThrow(read.url)), Redacted.value(url))
    })
  })

  it("has a JSON schema that does not mention the accept link", () => {
    assert.notInclude(JSON.stringify(JSONSchema.make(Invitation)), "\"url\"")
    assert.include(JSON.stringify(JSONSchema.make(WithAcceptLink)), "\"url\"")
  })

  it.each([
    ["id", 7],
    ["emailAddress", null],
    ["publicMetadata", "{}"],
    ["status", null],
    ["revoked", "false"],
    ["expiresAt", 7],
    ["createdAt", "yesterday"]
  ])("rejects a %s that is %j", (field, value) => {
    assert.isTrue(Either.isRight(decodeEither(encoded)))
    assert.isTrue(Either.isLeft(decodeEither({ ...encoded, [field]: value })))
  })

  it("isPending is true only for the status pending", () => {
    assert.isTrue(make().isPending)
    for (const status of ["accepted", "revoked", "expired", "snoozed"]) assert.isFalse(make(status).isPending)
  })

  it("knownStatus is None for a status that Clerk adds later", () => {
    for (const status of InvitationStatus.literals) {
      assert.strictEqual(Option.getOrNull(knownStatus(make(status))), status)
    }
    assert.isTrue(Option.isNone(knownStatus(make("snoozed"))))
  })

  describe("the accept link", () => {
    const invitation = make()

    it.each(renderings(invitation))("does not appear in %s", (_, text) => {
      assert.isFalse(text.includes("s3cr3t"))
      assert.isFalse(text.includes("accounts.example.com"))
    })

    it("is replaced by <redacted>, while the address appears", () => {
      assert.include(inspect(invitation), "ada@example.com")
      assert.include(JSON.stringify(invitation), "ada@example.com")
      assert.include(JSON.stringify(invitation), "<redacted>")
    })

    it("is readable with Redacted.value", () => {
      assert.strictEqual(Redacted.value(Option.getOrThrow(invitation.url)), link)
    })
  })
})

describe("InvitationId", () => {
  const read = Schema.decodeUnknownEither(InvitationId)

  it.each(["inv_2abcDEF", "a", "-", "_", "0", "x".repeat(255)])("accepts %j", (id) => {
    assert.isTrue(Equal.equals(read(id), Either.right(InvitationId.make(id))))
    assert.isTrue(isInvitationId(id))
  })

  it.each([
    "inv_1?x=1",
    "inv_1#x",
    "inv_1&x",
    "inv%2F1",
    "../x",
    "",
    "a/b",
    "a\\b",
    ".",
    "..",
    "inv_1\n",
    " inv_1",
    "inv_1 ",
    "inv_1\u0000",
    "ïnv_1",
    "x".repeat(256),
    "x".repeat(300)
  ])("rejects %j, which is no id or would need escaping in a URL", (id) => {
    assert.isTrue(Either.isLeft(read(id)))
    assert.isTrue(Either.isLeft(decodeEither({ ...encoded, id })))
    assert.isFalse(isInvitationId(id))
  })

  it.prop("needs no escaping in a URL", [InvitationId], ([id]) => {
    assert.strictEqual(encodeURIComponent(id), id)
    assert.strictEqual(
      new URL(`https://api.clerk.com/v1/invitations/${id}/revoke`).pathname,
      `/v1/invitations/${id}/revoke`
    )
  })
})

describe("InvitationStatus", () => {
  it("is one of the four that Clerk documents", () => {
    assert.deepStrictEqual(InvitationStatus.literals, ["pending", "accepted", "revoked", "expired"])
    assert.isFalse(Schema.is(InvitationStatus)("snoozed"))
  })
})

describe("DeletedInvitation", () => {
  it("survives JSON", () => {
    const deleted = new DeletedInvitation({ id: InvitationId.make("inv_1") })
    const text = JSON.stringify(Schema.encodeSync(DeletedInvitation)(deleted))
    assert.strictEqual(text, "{\"id\":\"inv_1\"}")
    assert.isTrue(Equal.equals(Schema.decodeUnknownSync(DeletedInvitation)(JSON.parse(text)), deleted))
  })
})
