import { UnexpectedResponse } from "@effect-clerk/core/InvitationError"
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Effect, Stream } from "effect"
import { runStubWithClock } from "../utils/clock.js"
import * as stub from "../utils/stub.js"
import { emailAddress, requestsOf } from "../utils/stubbedCalls.js"
import { page, row } from "../utils/wire.js"

describe("the response to a list", () => {
  for (
    const [what, reason, rows] of [
      ["a row with another status", "without the requested status", [
        row(1),
        row(2, { status: "revoked", revoked: true })
      ]],
      ["more rows than the limit", "more rows", [row(1), row(2), row(3)]]
    ] as const
  ) {
    const params = { status: "pending", limit: 2 } as const

    it.effect(`is retried if it has ${what}`, () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* stub.service((_, index) => ({ body: page(index < 2 ? rows : [row(1)]) }))
        const { data } = yield* runStubWithClock(invitations.list(params))
        assert.lengthOf(data, 1)
        assert.lengthOf(seen, 3)
      }))

    it.effect(`is an UnexpectedResponse if every attempt has ${what}`, () =>
      Effect.gen(function*() {
        const { invitations } = yield* stub.service(() => ({ body: page(rows) }))
        const error = yield* runStubWithClock(Effect.flip(invitations.list(params)))
        assert.instanceOf(error, UnexpectedResponse)
        assert.include(error.reason, reason)
      }))
  }

  it.effect("may have rows that do not match the query", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(({ url }) => ({
        body: page(url.searchParams.has("status") ? [] : [row(1), row(2)])
      }))
      assert.lengthOf((yield* runStubWithClock(invitations.list({ query: emailAddress }))).data, 2)
      assert.lengthOf(yield* runStubWithClock(invitations.findByEmail(emailAddress)), 1)
    }))
})

describe("a list of pending invitations with one that has expired or was accepted meanwhile", () => {
  for (const status of ["expired", "accepted"]) {
    const rows = [row(2, { status, email_address: emailAddress }), row(1)]
    const service = stub.service(({ operation }) => ({
      body: operation === "list" ? page(rows) : row(1, { status: "revoked" })
    }))

    it.effect(`is returned by list: ${status}`, () =>
      Effect.gen(function*() {
        const { invitations } = yield* service
        const { data } = yield* runStubWithClock(invitations.list({ status: "pending" }))
        assert.deepStrictEqual<ReadonlyArray<string>>(data.map(({ id }) => id), ["inv_2", "inv_1"])
      }))

    it.effect(`is not emitted by stream, ensure and revokeMany: ${status}`, () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* service
        const ids = invitations.stream({ status: "pending" }).pipe(Stream.map((_) => String(_.id)), Stream.runCollect)
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* runStubWithClock(ids)), ["inv_1"])
        assert.strictEqual((yield* runStubWithClock(invitations.ensure({ emailAddress }))).id, "inv_1")
        const outcomes = invitations.revokeMany({ query: emailAddress }).pipe(Stream.runCollect)
        assert.deepStrictEqual(
          Chunk.toReadonlyArray(yield* runStubWithClock(outcomes)).map(({ id }) => id),
          ["inv_1"]
        )
        assert.lengthOf(requestsOf(seen, "revoke"), 1)
        assert.lengthOf(requestsOf(seen, "create"), 0)
      }))
  }
})
