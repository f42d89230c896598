import { Forbidden } from "@effect-clerk/core/InvitationError"
import { InvitationPage } from "@effect-clerk/core/InvitationPage"
import type { ListInvitations } from "@effect-clerk/core/ListInvitations"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { lookUp } from "../../src/internal/bulk/existing.js"
import { makeInvitation, serverError } from "../utils.js"
import { person, responseFields } from "./fixtures.js"

describe("lookUp", () => {
  it.effect("returns the invitations of the address only, in any case", () =>
    Effect.gen(function*() {
      const requested: Array<ListInvitations> = []
      const data = [
        makeInvitation(1, { emailAddress: "PERSON1@example.com" }),
        makeInvitation(2, { emailAddress: "xperson1@example.com" }),
        makeInvitation(3, { emailAddress: "person1@example.com", status: "accepted" })
      ]
      const found = yield* lookUp((params) => {
        requested.push(params)
        return Effect.succeed(new InvitationPage({ data, totalCount: data.length, totalIsKnown: true }))
      })(person(1))
      assert.deepStrictEqual(found.map(({ id }): string => id), ["inv_1", "inv_3"])
      assert.strictEqual(requested.length, 1)
      assert.include(requested[0], { query: "person1@example.com", orderBy: "-created_at", status: undefined })
    }))

  it.effect("finds nothing if the list fails with an error that other calls may survive", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* lookUp(() => Effect.fail(serverError))(person(1)), [])
    }))

  it.effect("fails with an error that concerns every call", () =>
    Effect.gen(function*() {
      const forbidden = new Forbidden({ ...responseFields, operation: "list", status: 403 })
      assert.strictEqual(yield* Effect.flip(lookUp(() => Effect.fail(forbidden))(person(1))), forbidden)
    }))
})
