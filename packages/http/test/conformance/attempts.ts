import type { InvitationAttempts } from "@effect-clerk/core"
import type { InvitationId } from "@effect-clerk/core/Invitation"
import { AmbiguousWrite } from "@effect-clerk/core/InvitationError"
import { Fault, InvitationsHttp } from "@effect-clerk/http"
import { Effect, Either, Option, TestClock } from "effect"
import * as assert from "./assert.js"
import { ada, ids, makeRequests } from "./fixtures.js"
import * as Suite from "./suite.js"

const { Body, Reset, Status } = Fault.Response

/** Responses to an attempt, and the tag of the failure of a create. */
const responses = [
  ["429", Status({ status: 429, code: "too_many_requests", retryAfter: "5" }), "never", "TooManyRequests"],
  ["409 resource_locked", Status({ status: 409, code: "resource_locked" }), "never", "Conflict"],
  ["422", Status({ status: 422, code: "form_param_value_invalid" }), "never", "Unprocessable"],
  ["500", Status({ status: 500 }), "before", "ServerError"],
  ["500 without a commit", Status({ status: 500 }), "never", "ServerError"],
  ["a reset after the commit", Reset(), "before", "ConnectionError"],
  ["an unreadable 2xx", Body({ body: "<html>" }), "before", "UnexpectedResponse"],
  ["a 404 without a body of Clerk", Status({ status: 404, html: true }), "before", "NotFound"]
] as const

const unknownOutcomes: ReadonlySet<string> = new Set(
  ["ServerError", "ConnectionError", "UnexpectedResponse", "NotFound"]
)

const operations = ["create", "createBulk", "list", "revoke"] as const

const call = (
  attempts: InvitationAttempts.Service,
  operation: (typeof operations)[number],
  id: InvitationId
): Effect.Effect<unknown, { readonly _tag: string }> => {
  switch (operation) {
    case "create":
      return attempts.create({ emailAddress: ada })
    case "createBulk":
      return attempts.createBulk(makeRequests(3))
    case "list":
      return attempts.list({})
    case "revoke":
      return attempts.revoke(id)
  }
}

/** The tag for a failure that `create` reports with `tag`. */
const expectedTag = (operation: (typeof operations)[number], tag: string): string => {
  if (operation === "list") return tag === "Conflict" ? "ClientError" : tag
  if (unknownOutcomes.has(tag)) return "AmbiguousWrite"
  return operation === "revoke" && tag === "Unprocessable" ? "ClientError" : tag
}

export const attempts = Suite.make((test) => {
  test("create, createBulk, list and revoke succeed with one call each", ({ attempts, control }) =>
    Effect.gen(function*() {
      const created = yield* attempts.create({ emailAddress: ada, publicMetadata: { plan: "gold" } })
      assert.strictEqual(created.emailAddress, ada)
      const bulk = yield* attempts.createBulk(makeRequests(3))
      const { data, totalCount } = yield* attempts.list({ limit: 2 })
      assert.deepStrictEqual([data.length, totalCount], [2, 4])
      const revoked = yield* attempts.revoke(created.id)
      assert.strictEqual(revoked.status, "revoked")
      assert.deepStrictEqual(ids(yield* control.invitations).sort(), ids([created, ...bulk]).sort())
      assert.deepStrictEqual(
        (yield* control.calls).map(({ operation, outcome }) => [operation, outcome]),
        operations.map((operation) => [operation, "ok"])
      )
    }))

  test("list returns the time of the server", ({ attempts }) =>
    Effect.gen(function*() {
      yield* TestClock.adjust("90 seconds")
      const { serverTime } = yield* attempts.list({})
      assert.deepStrictEqual(serverTime, Option.some(90_000))
    }))

  for (const operation of operations) {
    for (const [name, response, commit, tag] of responses) {
      const expected = expectedTag(operation, tag)
      test(`${operation} makes one call and fails with ${expected} after ${name}`, ({ attempts, control }) =>
        Effect.gen(function*() {
          const [seeded] = yield* control.seed([{ emailAddress: "seeded@example.com" }])
          assert.isTrue(seeded !== undefined)
          yield* control.injectFaults([{ response, commit, operation, times: 10 }])
          const retrying = InvitationsHttp.withRetry({ attempts: 5, minBackoff: 0, maxBackoff: 0 })
          const result = yield* Effect.either(retrying(call(attempts, operation, seeded.id)))
          assert.isTrue(Either.isLeft(result))
          assert.strictEqual(result.left._tag, expected)
          if (result.left instanceof AmbiguousWrite) {
            assert.strictEqual(result.left.lastFailure._tag, tag)
            assert.deepStrictEqual(result.left.candidates, [])
          }
          // No retry, no reconciliation and no check of the list.
          assert.deepStrictEqual((yield* control.calls).map((made) => made.operation), [operation])
          const happened = (yield* control.invitations).length > 1 ||
            !(yield* control.invitations).some(({ isPending }) => isPending)
          assert.strictEqual(happened, commit === "before" && operation !== "list")
        }))
    }
  }
})
