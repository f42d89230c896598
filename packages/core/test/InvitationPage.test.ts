import { InvitationPage } from "@effect-clerk/core/InvitationPage"
import { assert, describe, it } from "@effect/vitest"
import { Either, Schema } from "effect"
import { makeInvitations } from "./utils.js"

const decode = Schema.decodeUnknownSync(InvitationPage)

describe("InvitationPage", () => {
  it("decodes the rows in order and the total", () => {
    const rows = makeInvitations(3)
    const page = decode(
      Schema.encodeSync(InvitationPage)(
        new InvitationPage({ data: rows, totalCount: 41, totalIsKnown: true })
      )
    )
    assert.deepStrictEqual(page.data.map((row) => row.id), rows.map((row) => row.id))
    assert.strictEqual(page.totalCount, 41)
  })

  it("marks a total as known by default", () => {
    const page = new InvitationPage({ data: [], totalCount: 0 })
    assert.strictEqual(page.totalCount, 0)
    assert.strictEqual(page.totalIsKnown, true)
  })

  it.each([
    { data: [] },
    { data: [], totalCount: 0 },
    { data: [], totalCount: -1, totalIsKnown: true },
    { data: [], totalCount: 1.5, totalIsKnown: true },
    { data: [], totalCount: "1", totalIsKnown: true },
    { totalCount: 0, totalIsKnown: true },
    { data: [{}], totalCount: 1, totalIsKnown: true },
    []
  ])("rejects %j", (answer) => {
    assert.isTrue(Either.isLeft(Schema.decodeUnknownEither(InvitationPage)(answer)))
  })
})
