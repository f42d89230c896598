import { Forbidden } from "@effect-clerk/core/InvitationError"
import { Fault } from "@effect-clerk/http"
import { Effect, Stream } from "effect"
import * as assert from "./assert.js"
import { ada, encodeAll, failure, ids, makeRequests, withoutRetry } from "./fixtures.js"
import * as Suite from "./suite.js"

export const stream = Suite.make((test) => {
  for (const [count, pageSize] of [[1200, undefined], [1200, 500], [120, 7], [120, 1]] as const) {
    test(
      `emits ${count} invitations exactly once, in order, ${
        pageSize === undefined ? "with the default page size" : `${pageSize} a page`
      }`,
      ({ control, invitations }) =>
        Effect.gen(function*() {
          const seeded = yield* control.seed(makeRequests(count))
          const streamed = yield* Stream.runCollect(invitations.stream({ pageSize }))
          assert.deepStrictEqual(ids(streamed), ids(seeded).reverse())
        })
    )
  }

  test("emits the rows of list in the same order", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.seed(makeRequests(20))
      const { data } = yield* invitations.list({ limit: 500, orderBy: "-email_address" })
      const streamed = yield* Stream.runCollect(invitations.stream({ pageSize: 6, orderBy: "-email_address" }))
      assert.deepStrictEqual(encodeAll(streamed), encodeAll(data))
    }))

  test("filters by status and query", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.seed([
        ...makeRequests(9),
        ...makeRequests(9).map((person) => ({ ...person, status: "revoked" as const })),
        { emailAddress: ada, status: "revoked" }
      ])
      const streamed = yield* Stream.runCollect(
        invitations.stream({ status: "revoked", query: "PERSON", pageSize: 4 })
      )
      assert.strictEqual(streamed.length, 9)
      assert.isTrue(
        Array.from(streamed).every(({ emailAddress, status }) =>
          status === "revoked" && emailAddress.startsWith("person")
        )
      )
      assert.strictEqual((yield* Stream.runCollect(invitations.stream({ pageSize: 4 }))).length, 9)
    }))

  test("requests no more pages than the consumer needs", ({ control, invitations }) =>
    Effect.gen(function*() {
      const seeded = yield* control.seed(makeRequests(100))
      const taken = yield* Stream.runCollect(
        invitations.stream({ pageSize: 5, concurrency: 1 }).pipe(Stream.take(7))
      )
      assert.deepStrictEqual(ids(taken), ids(seeded).reverse().slice(0, 7))
      const { length } = yield* control.calls
      assert.isTrue(length >= 2 && length <= 4, `${length} calls for two pages`)
    }))

  test("emits nothing if there are no invitations, after one call", ({ control, invitations }) =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Stream.runCollect(invitations.stream())).length, 0)
      assert.deepStrictEqual((yield* control.calls).map(({ operation, outcome }) => [operation, outcome]), [[
        "list",
        "ok"
      ]])
    }))

  test(
    "fails with the error of a page instead of ending early",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        yield* control.seed(makeRequests(10))
        const forbidden = Fault.Response.Status({ status: 403, code: "authorization_invalid" })
        yield* control.injectFaults([{ ...Fault.make(forbidden), operation: "list", nth: 2, times: 20 }])
        const seen: Array<string> = []
        const error = yield* failure(
          invitations.stream({ pageSize: 5 }).pipe(
            Stream.runForEach(({ id }) => Effect.sync(() => seen.push(id))),
            withoutRetry
          ),
          Forbidden
        )
        assert.strictEqual(error.operation, "list")
        assert.isTrue(seen.length <= 5)
      })
  )
})
