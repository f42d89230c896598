import { Invitation } from "@effect-clerk/core/Invitation"
import { InvitationPage } from "@effect-clerk/core/InvitationPage"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Equal, FastCheck as fc, Hash, Option, Redacted, Schema } from "effect"
import { inspect } from "node:util"
import * as Decode from "../../src/internal/wire/decode.js"
import { InvitationRow, PageBody } from "../../src/internal/wire/invitation.js"
import { isPlainRow } from "../../src/internal/wire/plainRow.js"

const time = fc.integer({ min: -8.64e15, max: 8.64e15 })

// A row as Clerk sends it: some fields may be absent or null.
const row = fc.record({
  object: fc.constant("invitation"),
  id: fc.stringMatching(/^inv_[A-Za-z0-9]{1,20}$/),
  email_address: fc.string(),
  public_metadata: fc.oneof({ weight: 4, arbitrary: fc.dictionary(fc.string(), fc.jsonValue()) }, {
    weight: 1,
    arbitrary: fc.constant(null)
  }),
  revoked: fc.oneof({ weight: 4, arbitrary: fc.boolean() }, { weight: 1, arbitrary: fc.constant(null) }),
  status: fc.oneof(fc.constantFrom("pending", "accepted", "revoked", "expired"), fc.string()),
  url: fc.oneof({ weight: 4, arbitrary: fc.webUrl() }, { weight: 1, arbitrary: fc.constant(null) }),
  expires_at: fc.oneof({ weight: 4, arbitrary: time }, { weight: 1, arbitrary: fc.constant(null) }),
  created_at: time,
  updated_at: time
}, { requiredKeys: ["object", "id", "email_address", "public_metadata", "status", "created_at", "updated_at"] })

const anything = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(undefined, NaN, Infinity, 1.5, 8.64e15 + 1, -0, "", "inv 1", "../x", "null", [], {}, new Date(0))
)

// A row with one field replaced by any value.
const anyRow = fc.tuple(
  row,
  fc.constantFrom(
    ..."object",
    "id",
    "email_address",
    "public_metadata",
    "revoked",
    "status",
    "url",
    "expires_at",
    "created_at",
    "updated_at"
  ),
  anything
)
  .map(([valid, field, value]) => ({ ...valid, [field]: value }))

// The recorded form of a created invitation.
const plain = {
  object: "invitation",
  id: "inv_3K1I63Ew6FCtVnc4qwZU69Jq123",
  email_address: "ada@example.com",
  public_metadata: { role: "member" },
  status: "pending",
  url: "https://clerk.example.com/v1/tickets/accept?ticket=a.b.c",
  expires_at: 1793310468755,
  created_at: 1790718468757,
  updated_at: 1790718468757
}

// As long as ids may be, and one longer; most have a character that an id must not have.
const idLike = fc.string({ unit: fc.constantFrom("a", "Z", "0", "-", "_", "/", ".", "é", "\n"), maxLength: 256 })

const bySchema = Schema.decodeUnknownOption(InvitationRow)
const encode = Schema.encodeSync(InvitationRow)

const agree = <A>(ours: Option.Option<A>, theirs: Option.Option<A>, same: (self: A, that: A) => void) => {
  assert.strictEqual(ours._tag, theirs._tag)
  if (Option.isSome(ours) && Option.isSome(theirs)) same(ours.value, theirs.value)
}

const sameInvitation = (self: Invitation, that: Invitation) => {
  assert.isTrue(self instanceof Invitation)
  assert.isTrue(Equal.equals(self, that))
  assert.isTrue(Equal.equals(that, self))
  assert.strictEqual(Hash.hash(self), Hash.hash(that))
  assert.deepStrictEqual(Object.keys(self).sort(), Object.keys(that).sort())
  assert.deepStrictEqual(encode(self), encode(that))
  for (const key of Object.keys(self)) {
    assert.strictEqual(JSON.stringify(Reflect.get(self, key)), JSON.stringify(Reflect.get(that, key)))
  }
  assert.strictEqual(
    Option.map(self.url, Redacted.value).pipe(Option.getOrNull),
    Option.map(that.url, Redacted.value).pipe(Option.getOrNull)
  )
  assert.strictEqual(DateTime.formatIso(self.createdAt), DateTime.formatIso(that.createdAt))
  assert.deepStrictEqual(DateTime.toPartsUtc(self.updatedAt), DateTime.toPartsUtc(that.updatedAt))
  assert.isTrue(Schema.is(Invitation)(self))
}

const samePage = (self: InvitationPage, that: InvitationPage) => {
  assert.strictEqual(self.totalCount, that.totalCount)
  assert.strictEqual(self.totalIsKnown, that.totalIsKnown)
  assert.strictEqual(self.data.length, that.data.length)
  self.data.forEach((each, index) => sameInvitation(each, that.data[index] ?? each))
}

describe("decoding Clerk's JSON", () => {
  it.prop("decodes every row like the schema", [row], ([each]) => {
    agree(Decode.invitation(each), bySchema(each), sameInvitation)
    assert.isTrue(Option.isSome(Decode.invitation(each)))
  }, { fastCheck: { numRuns: 400 } })

  it.prop("rejects the rows that the schema rejects", [anyRow], ([each]) => {
    agree(Decode.invitation(each), bySchema(each), sameInvitation)
  }, { fastCheck: { numRuns: 1000 } })

  it.prop("agrees with the schema on ids", [row, idLike], ([valid, id]) => {
    const each = { ...valid, id }
    agree(Decode.invitation(each), bySchema(each), sameInvitation)
  }, { fastCheck: { numRuns: 400 } })

  it.each([[1, true], [255, true], [256, false], [0, false]])(
    "agrees with the schema on an id of %i",
    (length, isValid) => {
      const each = { ...plain, id: "a".repeat(length) }
      assert.strictEqual(Option.isSome(Decode.invitation(each)), isValid)
      assert.strictEqual(Option.isSome(bySchema(each)), isValid)
    }
  )

  it.prop("agrees with the schema on values that are no row", [anything], ([each]) => {
    agree(Decode.invitation(each), bySchema(each), sameInvitation)
  })

  it.prop(
    "agrees with the schema on pages and on arrays",
    [
      fc.array(fc.oneof({ weight: 8, arbitrary: row }, { weight: 1, arbitrary: anyRow }), { maxLength: 5 }),
      anything,
      fc.boolean()
    ],
    ([data, count, sensible]) => {
      agree(
        Decode.page(3)(data),
        Schema.decodeUnknownOption(Schema.Array(InvitationRow))(data).pipe(
          Option.map((rows) => new InvitationPage({ data: rows, totalCount: 3 + rows.length, totalIsKnown: false }))
        ),
        samePage
      )
      const page = { data, total_count: sensible ? data.length : count }
      agree(Decode.page(0)(page), Schema.decodeUnknownOption(PageBody)(page), samePage)
    },
    { fastCheck: { numRuns: 400 } }
  )

  it("reads every recorded form of a row without the schema", () => {
    const { url: _, ...withoutUrl } = plain
    const { expires_at: __, ...withoutExpiry } = plain
    for (
      const each of [
        plain,
        { ...withoutUrl, status: "revoked", revoked: true, updated_at: 1790718469201 },
        withoutExpiry,
        { ...plain, public_metadata: null },
        { ...plain, revoked: null, url: null, expires_at: null },
        { ...plain, added_later: [1] }
      ]
    ) {
      assert.isTrue(isPlainRow(each))
      agree(Decode.invitation(each), bySchema(each), sameInvitation)
    }
  })

  it("keeps the accept link out of every rendering", () => {
    const url = "https://accounts.example.com/v1/tickets/accept?ticket=secret-ticket"
    const invitation = Option.getOrThrow(Decode.invitation({
      object: "invitation",
      id: "inv_1",
      email_address: "ada@example.com",
      public_metadata: {},
      revoked: false,
      status: "pending",
      url,
      expires_at: 1,
      created_at: 0,
      updated_at: 0
    }))
    const printed = () => [
      JSON.stringify(invitation),
      inspect(invitation, { depth: null, showHidden: true }),
      inspect(invitation.url, { depth: null, showHidden: true }),
      JSON.stringify(Object.entries(Object.getOwnPropertyDescriptors(invitation.url)))
    ]
    for (const text of printed()) assert.strictEqual(text.includes("secret-ticket"), false)
    assert.strictEqual(Option.getOrThrow(Option.map(invitation.url, Redacted.value)), url)
    for (const text of printed()) assert.strictEqual(text.includes("secret-ticket"), false)
  })
})
