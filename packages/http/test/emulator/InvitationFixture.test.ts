import { Invitation, InvitationId, isInvitationId, WithAcceptLink } from "@effect-clerk/core/Invitation"
import { InvitationFixture, InvitationsMemory } from "@effect-clerk/http"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { assert, describe, it } from "@effect/vitest"
import { assertNone, deepStrictEqual } from "@effect/vitest/utils"
import { DateTime, Effect, Equal, Option, Redacted, Schema } from "effect"

const statuses = ["pending", "accepted", "revoked", "expired"] as const

describe("invitation", () => {
  it.effect("has the fields of an invitation of the in-memory layer at the time 0, whatever its status", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      for (const status of statuses) {
        const emailAddress = `${status}@example.com`
        const [seeded] = yield* control.seed([{ emailAddress, status }])
        assert(seeded !== undefined)
        const fixture = InvitationFixture.invitation({ emailAddress, status })
        const { id, url, ...fields } = fixture
        const { id: _, url: seededUrl, ...seededFields } = seeded
        deepStrictEqual(fields, seededFields)
        assert.isTrue(isInvitationId(id) && id.length === seeded.id.length)
        assert.strictEqual(url._tag, seededUrl._tag)
        deepStrictEqual(yield* Schema.validate(Invitation)(fixture), fixture)
      }
    }).pipe(Effect.provide(InvitationsMemory.layer())))

  it("is the same for the same fields, and has another id for another address", () => {
    const ada = InvitationFixture.invitation()
    assert.isTrue(Equal.equals(ada, InvitationFixture.invitation({ emailAddress: "ada@example.com" })))
    assert.strictEqual(ada.id, InvitationFixture.invitation({ emailAddress: "Ada@example.com" }).id)
    const ids = Array.from({ length: 1000 }, (_, n) => InvitationFixture.invitation({ emailAddress: `${n}@x.co` }).id)
    assert.strictEqual(new Set(ids).size, 1000)
  })

  it("keeps every field that is given", () => {
    const at = DateTime.unsafeMake("2026-01-01T00:00:00Z")
    const given = {
      id: "inv_1",
      emailAddress: "grace@example.com",
      publicMetadata: { team: "engines" },
      status: "paused",
      createdAt: at,
      updatedAt: DateTime.add(at, { days: 1 }),
      expiresAt: Option.none(),
      url: Option.some(Redacted.make("https://example.com/"))
    }
    deepStrictEqual({ ...InvitationFixture.invitation(given) }, { ...given, id: InvitationId.make("inv_1") })
    assertNone(InvitationFixture.invitation({ url: Option.none() }).url)
    deepStrictEqual(
      InvitationFixture.invitation({ createdAt: at }).expiresAt,
      Option.some(DateTime.unsafeMake("2026-01-30T23:59:59.998Z"))
    )
  })

  it("shows its link to no one but its holder", () => {
    const fixture = InvitationFixture.invitation()
    assert.notInclude(JSON.stringify(fixture), "clerk.invalid")
    assert.include(JSON.stringify(Schema.encodeSync(WithAcceptLink)(fixture)), "clerk.invalid")
  })

  it("throws for a field that is not valid, and does not quote it", () => {
    assert.throws(
      () => InvitationFixture.invitation({ id: "ada lovelace" }),
      /^(?!.*lovelace)must be the id of an invitation/s
    )
  })
})

describe("page", () => {
  it("has the invitations in order, and their number unless a total is given", () => {
    const page = InvitationFixture.page([{ emailAddress: "b@x.co" }, { emailAddress: "a@x.co", status: "revoked" }])
    deepStrictEqual(page.data.map(({ emailAddress, status }) => [emailAddress, status]), [
      ["b@x.co", "pending"],
      ["a@x.co", "revoked"]
    ])
    deepStrictEqual([page.totalCount, page.totalIsKnown], [2, true])
    assert.strictEqual(InvitationFixture.page([], 40).totalCount, 40)
  })
})
