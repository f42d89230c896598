import { DeletedInvitation, Invitation, InvitationId } from "@effect-clerk/core/Invitation"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Either, Equal, FastCheck as fc, Option, Redacted, Schema } from "effect"
import { DeletedRow, InvitationRow } from "../../src/internal/wire/invitation.js"

const wire = {
  object: "invitation",
  id: "inv_2abcDEF",
  email_address: "ada@example.com",
  public_metadata: { role: "admin", teams: ["a", "b"] },
  status: "pending",
  revoked: false,
  url: "https://accounts.example.com/v1/tickets/accept?ticket=s3cr3t",
  expires_at: 1769817600000,
  created_at: 1767225600000,
  updated_at: 1767225600001
} as const

const without = (...keys: ReadonlyArray<keyof typeof wire>): unknown =>
  Object.fromEntries(Object.entries(wire).filter(([key]) => !keys.some((absent) => absent === key)))

const decode = Schema.decodeUnknownSync(InvitationRow)
const decodeEither = Schema.decodeUnknownEither(InvitationRow)
const encode = Schema.encodeSync(InvitationRow)

const wireTime = fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 })

/** Clerk's JSON in the form that encoding produces: null occurs only in metadata. */
const canonicalWire = fc.record({
  object: fc.constant("invitation"),
  id: fc.stringMatching(/^[A-Za-z0-9_-]{1,255}$/),
  email_address: fc.string(),
  public_metadata: fc.dictionary(fc.string(), fc.jsonValue()),
  status: fc.oneof(fc.constantFrom("pending", "accepted", "revoked", "expired"), fc.string()),
  revoked: fc.boolean(),
  url: fc.string(),
  expires_at: wireTime,
  created_at: wireTime,
  updated_at: wireTime
}, { requiredKeys: ["object", "id", "email_address", "public_metadata", "status", "created_at", "updated_at"] })

describe("InvitationRow", () => {
  describe("decoding", () => {
    it("decodes every field", () => {
      const invitation = decode(wire)
      assert.instanceOf(invitation, Invitation)
      assert.strictEqual(invitation.id, "inv_2abcDEF")
      assert.strictEqual(invitation.emailAddress, "ada@example.com")
      assert.deepStrictEqual(invitation.publicMetadata, { role: "admin", teams: ["a", "b"] })
      assert.strictEqual(invitation.status, "pending")
      assert.strictEqual(invitation.revoked, false)
      assert.strictEqual(Option.getOrThrow(Option.map(invitation.url, Redacted.value)), wire.url)
      assert.isTrue(Equal.equals(invitation.expiresAt, Option.some(DateTime.unsafeMake("2026-01-31T00:00:00Z"))))
      assert.isTrue(Equal.equals(invitation.createdAt, DateTime.unsafeMake("2026-01-01T00:00:00Z")))
      assert.isTrue(Equal.equals(invitation.updatedAt, DateTime.unsafeMake("2026-01-01T00:00:00.001Z")))
    })

    it("decodes null and absent metadata as {}", () => {
      assert.deepStrictEqual(decode({ ...wire, public_metadata: null }).publicMetadata, {})
      assert.deepStrictEqual(decode(without("public_metadata")).publicMetadata, {})
    })

    it("decodes an invitation without url, expires_at and revoked", () => {
      const invitation = decode(without("url", "expires_at", "revoked"))
      assert.isTrue(Option.isNone(invitation.url))
      assert.isTrue(Option.isNone(invitation.expiresAt))
      assert.strictEqual(invitation.revoked, undefined)
      assert.isFalse("revoked" in invitation)
    })

    it("decodes null as an absent url, expires_at and revoked", () => {
      const invitation = decode({ ...wire, url: null, expires_at: null, revoked: null })
      assert.isTrue(Option.isNone(invitation.url))
      assert.isTrue(Option.isNone(invitation.expiresAt))
      assert.strictEqual(invitation.revoked, undefined)
    })

    it("ignores unknown fields", () => {
      const invitation = decode({ ...wire, name: "Ada", waitlist_entry: { id: "x" } })
      assert.isFalse("name" in invitation)
      assert.isFalse("waitlist_entry" in invitation)
      assert.deepStrictEqual(encode(invitation), { ...wire })
    })

    it("accepts a status that Clerk adds later", () => {
      assert.strictEqual(decode({ ...wire, status: "snoozed" }).status, "snoozed")
    })

    it.each([
      ["object", "user"],
      ["object", undefined],
      ["id", 7],
      ["id", null],
      ["email_address", null],
      ["email_address", 7],
      ["public_metadata", "{}"],
      ["public_metadata", []],
      ["status", null],
      ["status", 1],
      ["revoked", "false"],
      ["url", 7],
      ["expires_at", "1769817600000"],
      ["expires_at", "2026-01-31T00:00:00Z"],
      ["created_at", null],
      ["created_at", "2026-01-01T00:00:00Z"],
      ["created_at", 8_640_000_000_000_001],
      ["created_at", NaN],
      ["updated_at", true]
    ])("rejects a %s that is %j", (field, value) => {
      assert.isTrue(Either.isRight(decodeEither(wire)))
      assert.isTrue(Either.isLeft(decodeEither({ ...wire, [field]: value })))
    })

    it.each(["object", "id", "email_address", "status", "created_at", "updated_at"] as const)(
      "rejects an invitation without %s",
      (field) => {
        assert.isTrue(Either.isLeft(decodeEither(without(field))))
      }
    )
  })

  describe("encoding", () => {
    it("returns the decoded object", () => {
      assert.deepStrictEqual(encode(decode(wire)), { ...wire })
    })

    it("omits absent fields", () => {
      const sparse = without("url", "expires_at", "revoked")
      assert.deepStrictEqual<unknown>(encode(decode(sparse)), sparse)
    })

    it.prop("decodes every encoded invitation to an equal one", [Invitation], ([invitation]) => {
      assert.isTrue(Equal.equals(decode(encode(invitation)), invitation))
    })

    it.prop("encodes every decoded object to the same object", { sent: canonicalWire }, ({ sent }) => {
      assert.deepStrictEqual<unknown>(encode(decode(sent)), sent)
    })

    it.prop("survives JSON text", { sent: canonicalWire }, ({ sent }) => {
      const text = JSON.stringify(sent)
      assert.deepStrictEqual<unknown>(JSON.parse(JSON.stringify(encode(decode(JSON.parse(text))))), JSON.parse(text))
    })
  })
})

describe("DeletedRow", () => {
  const sent = { object: "invitation", id: "inv_1", deleted: true } as const

  it("decodes Clerk's JSON and encodes to the same", () => {
    const deleted = Schema.decodeUnknownSync(DeletedRow)({ ...sent, slug: null })
    assert.isTrue(Equal.equals(deleted, new DeletedInvitation({ id: InvitationId.make("inv_1") })))
    assert.deepStrictEqual(Schema.encodeSync(DeletedRow)(deleted), { ...sent })
  })

  it.each([{ ...sent, deleted: false }, { ...sent, object: "user" }, { ...sent, id: "a/b" }])(
    "rejects %j",
    (answer) => {
      assert.isTrue(
        Equal.equals(
          Either.mapLeft(Schema.decodeUnknownEither(DeletedRow)(answer), () => "refused"),
          Either.left("refused")
        )
      )
    }
  )
})
