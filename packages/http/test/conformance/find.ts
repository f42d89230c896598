import { DateTime, Effect, Option } from "effect"
import * as assert from "./assert.js"
import { ada, encode, encodeAll, seedsOfEveryStatus } from "./fixtures.js"
import * as Suite from "./suite.js"

export const find = Suite.make((test) => {
  test("findById returns an invitation of any status", ({ control, invitations }) =>
    Effect.gen(function*() {
      const seeded = yield* control.seed(seedsOfEveryStatus)
      for (const invitation of seeded) {
        assert.deepStrictEqual(
          Option.map(yield* invitations.findById(invitation.id), encode),
          Option.some(encode(invitation))
        )
      }
    }))

  test(
    "findById returns None for an unknown id and for a part of an id",
    ({ invitations }) =>
      Effect.gen(function*() {
        const { id } = yield* invitations.create({ emailAddress: ada })
        assert.isNone(yield* invitations.findById("inv_nowhere"))
        assert.isNone(yield* invitations.findById(id.slice(0, -1)))
        assert.isNone(yield* invitations.findById("ada"))
      })
  )
  test(
    "findByEmail returns every invitation of the address, newest first",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        const seeded = yield* control.seed(
          (["revoked", "expired", "revoked", "accepted", "pending"] as const).map((status, n) => ({
            emailAddress: n === 2 ? "ADA@example.com" : ada,
            status,
            createdAt: DateTime.unsafeMake(n)
          }))
        )
        assert.deepStrictEqual(
          encodeAll(yield* invitations.findByEmail("Ada@Example.com")),
          encodeAll(seeded).reverse()
        )
      })
  )

  test("findByEmail ignores a longer address that contains the requested one", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.seed([{ emailAddress: `x${ada}` }, { emailAddress: `${ada}.uk`, status: "revoked" }])
      assert.deepStrictEqual(yield* invitations.findByEmail(ada), [])
    }))
})
