import { Forbidden } from "@effect-clerk/core/InvitationError"
import { InvitationPage } from "@effect-clerk/core/InvitationPage"
import type { ListInvitations } from "@effect-clerk/core/ListInvitations"
import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import * as Existing from "../../src/internal/bulk/existing.js"
import { makeInvitation, serverError } from "../utils.js"
import { people, person, responseFields } from "./fixtures.js"

describe("lookUp", () => {
  it.effect("returns the invitations of the address only, in any case", () =>
    Effect.gen(function*() {
      const requested: Array<ListInvitations> = []
      const data = [
        makeInvitation(1, { emailAddress: "PERSON1@example.com" }),
        makeInvitation(2, { emailAddress: "xperson1@example.com" }),
        makeInvitation(3, { emailAddress: "person1@example.com", status: "accepted" })
      ]
      const found = yield* Existing.lookUp((params) => {
        requested.push(params)
        return Effect.succeed(new InvitationPage({ data, totalCount: data.length, totalIsKnown: true }))
      })(person(1))
      assert.deepStrictEqual(found.map(({ id }): string => id), ["inv_1", "inv_3"])
      assert.strictEqual(requested.length, 1)
      assert.include(requested[0], { query: "person1@example.com", orderBy: "-created_at", status: undefined })
    }))

  it.effect("finds nothing if the list fails with an error that other calls may survive", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Existing.lookUp(() => Effect.fail(serverError))(person(1)), [])
    }))

  it.effect("fails with an error that concerns every call", () =>
    Effect.gen(function*() {
      const forbidden = new Forbidden({ ...responseFields, operation: "list", status: 403 })
      assert.strictEqual(yield* Effect.flip(Existing.lookUp(() => Effect.fail(forbidden))(person(1))), forbidden)
    }))
})

describe("make", () => {
  const address = (n: number) => `person${n}@example.com`

  const expected = (count: number) => ({ addresses: new Set(Array.from({ length: count }, (_, n) => address(n + 1))) })

  /** A list of pending invitations that records its requests. */
  const setup = (pending: number) => {
    const rows = Array.from({ length: pending }, (_, n) => makeInvitation(n + 1))
      .sort((a, b) => a.emailAddress < b.emailAddress ? -1 : 1)
    const requested: Array<ListInvitations> = []
    const list = (params: ListInvitations) =>
      Effect.sync(() => {
        requested.push(params)
        const { limit = 10, offset = 0, query } = params
        const data = rows.filter((row) => query === undefined || row.emailAddress === query)
        return new InvitationPage({
          data: data.slice(offset, offset + limit),
          totalCount: data.length,
          totalIsKnown: true
        })
      })
    return { list, requested, rows }
  }

  const lookUpAll = (pending: number, inputs: number, known = true) =>
    Effect.gen(function*() {
      const { list, requested } = setup(pending)
      const find = yield* Existing.make(list, known ? expected(inputs) : {})
      const found = yield* Effect.forEach(people(inputs), find, { concurrency: 8 })
      return { found: found.flat().map(({ emailAddress }) => emailAddress), requested }
    })

  it.effect("makes at most min(n, ceil(pending / 500)) + 1 calls for n addresses, and finds every one that is pending", () =>
    Effect.gen(function*() {
      for (const pending of [0, 1, 499, 500, 501, 1000, 1500, 3000]) {
        for (const inputs of [1, 2, 5, 40, 600]) {
          const { found, requested } = yield* lookUpAll(pending, inputs)
          const limit = Math.min(inputs, Math.ceil(pending / 500)) + 1
          assert.isAtMost(requested.length, limit, `${pending} pending, ${inputs} inputs`)
          assert.sameMembers(found, Array.from({ length: Math.min(pending, inputs) }, (_, n) => address(n + 1)))
        }
      }
    }))

  it.effect("reads the list of a source of unknown size if it is short, otherwise once it takes fewer calls", () =>
    Effect.gen(function*() {
      const short = yield* lookUpAll(3000, 40, false)
      assert.isAtMost(short.requested.length, 7)
      const long = yield* lookUpAll(11_000, 300, false)
      // 22 queries, then the 23 pages.
      assert.isAtMost(long.requested.length, 60)
      assert.strictEqual(long.found.length, 300)
    }))

  it.effect("checks an older finding by a query, and none that was not found", () =>
    Effect.gen(function*() {
      const { list, requested, rows } = setup(2)
      const find = yield* Existing.make(list, expected(3))
      assert.strictEqual((yield* find(person(1))).length, 1)
      assert.strictEqual(requested.length, 1)
      rows.length = 0
      yield* TestClock.adjust("61 seconds")
      assert.deepStrictEqual(yield* find(person(2)), [])
      assert.strictEqual(requested.length, 2)
      assert.deepStrictEqual(yield* find(person(3)), [])
      assert.strictEqual(requested.length, 2)
    }))

  it.effect("sends no more queries after 500 that found nothing", () =>
    Effect.gen(function*() {
      const requested: Array<ListInvitations> = []
      const find = yield* Existing.make((params) => {
        requested.push(params)
        const totalCount = params.query === undefined ? 1_000_000 : 0
        return Effect.succeed(new InvitationPage({ data: [], totalCount, totalIsKnown: true }))
      }, {})
      yield* Effect.forEach(people(600), find, { concurrency: 8 })
      assert.strictEqual(requested.filter(({ query }) => query !== undefined).length, 500)
      const before = requested.length
      assert.deepStrictEqual(yield* find(person(601)), [])
      assert.strictEqual(requested.length, before)
    }))

  it.effect("fails with an error that concerns every call, without another call; falls back to queries after other errors", () =>
    Effect.gen(function*() {
      const forbidden = new Forbidden({ ...responseFields, operation: "list", status: 403 })
      let calls = 0
      const refused = yield* Existing.make(() => {
        calls++
        return Effect.fail(forbidden)
      }, expected(2))
      assert.strictEqual(yield* Effect.flip(refused(person(1))), forbidden)
      assert.strictEqual(calls, 1)
      const { list } = setup(2)
      const unreliable = yield* Existing.make(
        (params) => params.status === "pending" ? Effect.fail(serverError) : list(params),
        expected(2)
      )
      assert.strictEqual((yield* unreliable(person(1))).length, 1)
    }))
})
