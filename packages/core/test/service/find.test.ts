import { InvitationPage } from "@effect-clerk/core/InvitationPage"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Equal, Option, Ref } from "effect"
import { makeFake, makeInvitation, makeInvitations, serverError, start } from "../utils.js"
import { emailAddress, field, forbidden, ids } from "./utils.js"

describe("findById", () => {
  it.effect("finds the invitation with exactly this id among partial matches", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([makeInvitation(11), makeInvitation(1), makeInvitation(111)])
      const found = yield* fake.service.findById("inv_1")
      assert.strictEqual(Option.getOrThrow(found).id, "inv_1")
    }))

  it.effect("returns None for partial matches only", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([
        makeInvitation(11),
        makeInvitation(2, { emailAddress: "inv_1@example.com" }),
        makeInvitation(12, { status: "revoked" })
      ])
      assert.isTrue(Option.isNone(yield* fake.service.findById("inv_1")))
    }))

  it.effect("distinguishes ids that differ in case", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([makeInvitation(1, { id: "inv_A" }), makeInvitation(2, { id: "inv_a" })])
      assert.strictEqual(Option.getOrThrow(yield* fake.service.findById("inv_a")).id, "inv_a")
    }))

  it.effect.each(["pending", "accepted", "revoked", "expired"])(
    "finds an invitation with the status %s",
    (status) =>
      Effect.gen(function*() {
        const fake = yield* makeFake([makeInvitation(1), makeInvitation(2, { status })])
        assert.strictEqual(Option.getOrThrow(yield* fake.service.findById("inv_2")).status, status)
      })
  )

  it.effect("finds an invitation beyond the first page of partial matches", () =>
    Effect.gen(function*() {
      const rows = [...Array.from({ length: 700 }, (_, n) => makeInvitation(10_000 + n)), makeInvitation(1)]
      const fake = yield* makeFake(rows)
      assert.strictEqual(Option.getOrThrow(yield* fake.service.findById("inv_1")).id, "inv_1")
    }))

  it.effect("lists once if the first list contains the invitation, otherwise also the revoked ones", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([makeInvitation(1)])
      yield* fake.service.findById("inv_1")
      assert.strictEqual((yield* fake.calls).length, 1)
      assert.isTrue(Option.isNone(yield* fake.service.findById("inv_2")))
      assert.deepStrictEqual((yield* fake.calls).map(({ input }) => field(input, "query")), ["inv_1", "inv_2", "inv_2"])
      assert.deepStrictEqual((yield* fake.calls).map(({ input }) => field(input, "status")), [
        undefined,
        undefined,
        "revoked"
      ])
    }))

  it.effect("fails with the error of the list", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([], () => ({ list: () => Effect.fail(serverError) }))
      assert.isTrue(Equal.equals(yield* Effect.flip(fake.service.findById("inv_1")), serverError))
    }))
})

describe("findByEmail", () => {
  it.effect("ignores the case of the address, and excludes partial matches", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([
        makeInvitation(1, { emailAddress: "Ada@Example.com" }),
        makeInvitation(2, { emailAddress: "xada@example.com" }),
        makeInvitation(3, { emailAddress: "ada@example.com.au" }),
        makeInvitation(4, { emailAddress: "ada@example.com" }),
        makeInvitation(5, { emailAddress: "xada@example.com", status: "revoked" })
      ])
      assert.deepStrictEqual(ids(yield* fake.service.findByEmail("aDA@example.COM")), ["inv_4", "inv_1"])
    }))

  it.effect("finds invitations of every status, the newest first", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([
        makeInvitation(1, { emailAddress, status: "expired", createdAt: start + 30 }),
        makeInvitation(2, { emailAddress, status: "pending", createdAt: start + 10 }),
        makeInvitation(3, { emailAddress, status: "revoked", createdAt: start + 40 }),
        makeInvitation(4, { emailAddress, status: "accepted", createdAt: start + 20 }),
        makeInvitation(5, { emailAddress, status: "revoked", createdAt: start })
      ])
      assert.deepStrictEqual(ids(yield* fake.service.findByEmail(emailAddress)), [
        "inv_3",
        "inv_1",
        "inv_4",
        "inv_2",
        "inv_5"
      ])
    }))

  it.effect("returns an empty array for an address that was never invited", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake(makeInvitations(3))
      assert.deepStrictEqual(yield* fake.service.findByEmail(emailAddress), [])
    }))

  it.effect("returns an invitation that is revoked between the two lists once, as revoked", () =>
    Effect.gen(function*() {
      const pending = makeInvitation(1, { emailAddress })
      const revoked = makeInvitation(1, { emailAddress, status: "revoked" })
      const fake = yield* makeFake([pending, makeInvitation(2, { emailAddress })], ({ list }, rows) => ({
        list: (params) =>
          list(params).pipe(
            Effect.zipLeft(Ref.update(rows, (all) => all.map((row) => row.id === pending.id ? revoked : row)))
          )
      }))
      const found = yield* fake.service.findByEmail(emailAddress)
      assert.deepStrictEqual(found.map(({ id, status }) => [id, status]), [["inv_2", "pending"], ["inv_1", "revoked"]])
    }))

  it.effect("returns a revoked invitation once if both lists contain it", () =>
    Effect.gen(function*() {
      const row = makeInvitation(1, { emailAddress, status: "revoked" })
      const fake = yield* makeFake([row], () => ({
        list: () => Effect.succeed(new InvitationPage({ data: [row], totalCount: 1, totalIsKnown: true }))
      }))
      assert.deepStrictEqual(ids(yield* fake.service.findByEmail(emailAddress)), ["inv_1"])
      assert.strictEqual((yield* fake.calls).length, 2)
    }))

  it.effect("fails if either list fails", () =>
    Effect.gen(function*() {
      for (const failing of [undefined, "revoked"]) {
        const fake = yield* makeFake([makeInvitation(1, { emailAddress })], ({ list }) => ({
          list: (params) => params.status === failing ? Effect.fail(forbidden) : list(params)
        }))
        assert.isTrue(Equal.equals(yield* Effect.flip(fake.service.findByEmail(emailAddress)), forbidden))
      }
    }))
})
