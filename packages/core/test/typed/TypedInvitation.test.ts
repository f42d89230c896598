import { Invitation } from "@effect-clerk/core"
import * as TypedInvitation from "@effect-clerk/core/TypedInvitation"
import { assert, describe, it } from "@effect/vitest"
import { Either, Equal, Hash, Option, Redacted, Schema } from "effect"
import { makeInvitation, renderings } from "../utils.js"
import { Membership, withMetadata } from "./utils.js"

const metadata = { team: "engines", seats: "3", since: "2026-01-01T00:00:00.000Z", note: "s3cr3t" }

const make = (publicMetadata: Invitation.Invitation["publicMetadata"] = metadata) => {
  const invitation = new Invitation.Invitation({
    ...withMetadata(1, publicMetadata),
    revoked: false,
    url: Option.some(Redacted.make("https://example.com/?ticket=s3cr3t-link"))
  })
  return new TypedInvitation.TypedInvitation(invitation, Schema.decodeUnknownSync(Membership)(publicMetadata))
}

const schema = TypedInvitation.schema(Membership)

describe("TypedInvitation", () => {
  it("has every field of the invitation, and the typed metadata", () => {
    const typed = make()
    const { publicMetadata: _, ...others } = typed.invitation
    for (const [name, value] of Object.entries(others)) assert.strictEqual(Reflect.get(typed, name), value, name)
    assert.deepStrictEqual(typed.publicMetadata, { team: "engines", seats: 3, since: new Date("2026-01-01") })
    assert.isTrue(typed.isPending)
    assert.deepStrictEqual(Option.getOrNull(Invitation.knownStatus(typed)), "pending")
  })

  it("is equal to another one if their invitations are equal", () => {
    const reordered = make({ note: "s3cr3t", seats: "3", since: "2026-01-01T00:00:00.000Z", team: "engines" })
    assert.isTrue(Equal.equals(make(), reordered))
    assert.strictEqual(Hash.hash(make()), Hash.hash(reordered))
    assert.isFalse(Equal.equals(make(), make({ ...metadata, seats: "4" })))
    assert.isFalse(Equal.equals(make(), make().invitation))
  })

  it("does not render its accept link", () => {
    assert.deepStrictEqual(renderings(make()).filter(([, text]) => text.includes("s3cr3t-link")), [])
  })
})

describe("the schema of a typed invitation", () => {
  it("encodes the fields of the invitation without the link, and only the metadata of the schema", () => {
    const { publicMetadata: _, ...others } = Schema.encodeSync(Invitation.Invitation)(make().invitation)
    assert.deepStrictEqual<unknown>(Schema.encodeSync(schema)(make()), {
      ...others,
      publicMetadata: { team: "engines", seats: "3", since: "2026-01-01T00:00:00.000Z" }
    })
  })

  it("decodes what it encodes", () => {
    const read = Schema.decodeUnknownSync(schema)(JSON.parse(JSON.stringify(Schema.encodeSync(schema)(make()))))
    assert.instanceOf(read, TypedInvitation.TypedInvitation)
    assert.deepStrictEqual(read.publicMetadata, make().publicMetadata)
    assert.isTrue(Option.isNone(read.url))
  })

  it("rejects other metadata, in both directions", () => {
    const encoded = Schema.encodeSync(Invitation.Invitation)(makeInvitation(1))
    assert.isTrue(Either.isLeft(Schema.decodeUnknownEither(schema)(encoded)))
    const wrong = new TypedInvitation.TypedInvitation(makeInvitation(1), { team: "", seats: 3 })
    assert.isTrue(Either.isLeft(Schema.encodeEither(schema)(wrong)))
  })

  it("rejects metadata that is not JSON after it was encoded", () => {
    const Raw = TypedInvitation.schema(Schema.Struct({ at: Schema.DateFromSelf }))
    const raw = new TypedInvitation.TypedInvitation(makeInvitation(1), { at: new Date(0) })
    assert.isTrue(Either.isLeft(Schema.encodeEither(Raw)(raw)))
  })
})
