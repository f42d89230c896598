import type { Operation } from "@effect-clerk/core/InvitationError"
import { Fault } from "@effect-clerk/http"
import { Effect, Stream } from "effect"
import * as assert from "./assert.js"
import { makeRequests } from "./fixtures.js"
import * as Suite from "./suite.js"

export const revokeMany = Suite.make((test, environment) => {
  test("emits one outcome for each id, in input order with ordered", ({ control, invitations }) =>
    Effect.gen(function*() {
      const [pending, revoked, accepted] = yield* control.seed([
        { emailAddress: "pending@example.com" },
        { emailAddress: "revoked@example.com", status: "revoked" },
        { emailAddress: "accepted@example.com", status: "accepted" }
      ])
      const input: ReadonlyArray<string> = [
        pending?.id ?? "",
        revoked?.id ?? "",
        accepted?.id ?? "",
        "inv_none",
        "no id",
        pending?.id ?? ""
      ]
      const outcomes = yield* Stream.runCollect(
        invitations.revokeMany(input, { ordered: true, concurrency: 1 })
      )
      assert.deepStrictEqual(Array.from(outcomes, ({ _tag, id, position }) => [_tag, id, position]), [
        ["Revoked", input[0], 0],
        ["AlreadyRevoked", input[1], 1],
        ["AlreadyAccepted", input[2], 2],
        ["NotFound", input[3], 3],
        ["Rejected", input[4], 4],
        ["AlreadyRevoked", input[5], 5]
      ])
    }))

  test("revokes every match of a query while the list shrinks", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.seed(makeRequests(510, 0))
      yield* control.seed([{ emailAddress: "else@example.org" }])
      const outcomes = yield* Stream.runCollect(invitations.revokeMany({ query: "@example.com" }))
      assert.strictEqual(outcomes.length, 510)
      assert.isTrue(Array.from(outcomes).every(({ _tag }) => _tag === "Revoked"))
      const pending = (yield* control.invitations).filter(({ isPending }) => isPending)
      assert.deepStrictEqual(pending.map(({ emailAddress }) => emailAddress), ["else@example.org"])
    }))

  test("revokes the given ids", ({ control, invitations }) =>
    Effect.gen(function*() {
      const seeded = yield* control.seed(makeRequests(3, 0))
      const ids = seeded.slice(0, 2).map(({ id }) => id)
      const outcomes = yield* Stream.runCollect(invitations.revokeMany({ ids }, { ordered: true }))
      assert.deepStrictEqual(Array.from(outcomes, ({ _tag, id }) => [_tag, id]), ids.map((id) => ["Revoked", id]))
      assert.deepStrictEqual((yield* control.invitations).map(({ isPending }) => isPending), [false, false, true])
    }))

  test("revokes the pending invitations of whole addresses only", ({ control, invitations }) =>
    Effect.gen(function*() {
      const [ann] = yield* control.seed([
        { emailAddress: "Ann@example.com" },
        { emailAddress: "joann@example.com" },
        { emailAddress: "bob@example.com", status: "accepted" }
      ])
      const outcomes = yield* Stream.runCollect(
        invitations.revokeMany({ emailAddresses: ["ann@EXAMPLE.com", "bob@example.com", "new@example.com"] })
      )
      assert.deepStrictEqual(Array.from(outcomes, ({ _tag, id }) => [_tag, id]), [["Revoked", ann?.id ?? ""]])
      assert.deepStrictEqual((yield* control.invitations).map(({ status }) => status), [
        "revoked",
        "pending",
        "accepted"
      ])
    }))

  test("revokes all pending invitations", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.seed([...makeRequests(3, 0), { emailAddress: "bob@example.org", status: "accepted" }])
      const outcomes = yield* Stream.runCollect(invitations.revokeMany({ allPending: true }))
      assert.deepStrictEqual(Array.from(outcomes, ({ _tag }) => _tag), ["Revoked", "Revoked", "Revoked"])
      assert.deepStrictEqual((yield* control.invitations).map(({ status }) => status), [
        "revoked",
        "revoked",
        "revoked",
        "accepted"
      ])
    }))

  test("fails with an error of the list, or an error that would fail every call", ({ control, invitations }) =>
    Effect.gen(function*() {
      const [one] = yield* control.seed(makeRequests(1, 0))
      const rejectNext = (operation: Operation) =>
        control.failNext(Fault.Response.Status({ status: 403, code: "authorization_invalid" }), { operation })
      yield* rejectNext("list")
      assert.strictEqual(
        (yield* Effect.flip(Stream.runDrain(invitations.revokeMany({ allPending: true }))))._tag,
        "Forbidden"
      )
      yield* rejectNext("revoke")
      const error = yield* Effect.flip(Stream.runDrain(invitations.revokeMany([one?.id ?? ""])))
      assert.strictEqual(error._tag, "Forbidden")
      assert.isFalse((yield* control.invitations).some(({ status }) => status === "revoked"))
    }))

  test("waits out an hour of rate limiting", ({ control, invitations }) =>
    Effect.gen(function*() {
      const seeded = yield* control.seed(makeRequests(8, 0))
      yield* control.injectFaults([{
        response: Fault.Response.Status({ status: 429, code: "too_many_requests", retryAfter: "600" }),
        commit: "never",
        operation: "revoke",
        times: 6
      }])
      const outcomes = yield* environment.runWithClock(
        Stream.runCollect(invitations.revokeMany(seeded.map(({ id }) => id)))
      )
      assert.deepStrictEqual(Array.from(outcomes, ({ _tag }) => _tag), seeded.map(() => "Revoked"))
    }))
})
