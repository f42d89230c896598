import { InvitationsService } from "@effect-clerk/core"
import { InvitationsMemory } from "@effect-clerk/http"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

const addresses = [
  "ada@example.com",
  "Xada@example.com",
  "a@b.com",
  "da@example.com.org",
  "grace@b.com",
  "Ca\u0301da@example.com"
]

// All parts of a text, and the text with other letters.
const partsOf = (text: string): ReadonlyArray<string> =>
  Array.from(text).flatMap((_, start) =>
    Array.from(text.slice(start), (_, length) => text.slice(start, start + length + 1))
  )

describe("the query of a list", () => {
  it.effect("selects the addresses that contain it, in the order of the creates", () =>
    Effect.gen(function*() {
      const invitations = yield* InvitationsService
      for (const emailAddress of addresses) yield* invitations.create({ emailAddress })
      const parts = new Set(["ADA@", "\u00e1da@example.com", "ada@example.org", "@", ...addresses.flatMap(partsOf)])
      for (const query of parts) {
        const { data } = yield* invitations.list({ query, orderBy: "created_at" })
        const fold = (text: string) => text.toLowerCase().normalize("NFC")
        assert.deepStrictEqual(
          data.map(({ emailAddress }) => emailAddress),
          addresses.filter((address) => fold(address).includes(fold(query))),
          query
        )
      }
    }).pipe(Effect.provide(InvitationsMemory.layer())))

  it.effect("selects by the id, and knows deleted, revoked, restored and frozen invitations", () =>
    Effect.gen(function*() {
      const invitations = yield* InvitationsService
      const control = yield* InvitationsControl
      const query = "ada@example.com"
      const list = Effect.map(
        invitations.list({ query, status: "pending" }),
        ({ data }) => data.map(({ emailAddress }) => emailAddress)
      )
      const ada = yield* invitations.create({ emailAddress: query })
      assert.lengthOf((yield* invitations.list({ query: ada.id })).data, 1)
      const snapshot = yield* control.snapshot
      yield* invitations.revoke(ada.id)
      assert.deepStrictEqual(yield* list, [])
      assert.lengthOf((yield* invitations.list({ query, status: "revoked" })).data, 1)
      yield* invitations.delete(ada.id)
      assert.lengthOf((yield* invitations.list({ query, status: "revoked" })).data, 0)
      yield* invitations.create({ emailAddress: "xada@example.com" })
      assert.deepStrictEqual(yield* list, ["xada@example.com"])
      yield* control.freezeReads("1 minute")
      yield* invitations.create({ emailAddress: query })
      assert.deepStrictEqual(yield* list, ["xada@example.com"])
      yield* control.restore(snapshot)
      assert.deepStrictEqual(yield* list, [query])
      yield* control.reset
      assert.deepStrictEqual(yield* list, [])
    }).pipe(Effect.provide(InvitationsMemory.layer())))
})
