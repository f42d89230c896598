import type { InviteMany, InviteOutcome } from "@effect-clerk/core"
import { Fault } from "@effect-clerk/http"
import { Effect, Stream } from "effect"
import * as assert from "./assert.js"
import { countTags, makeRequests } from "./fixtures.js"
import * as Suite from "./suite.js"

export const inviteMany = Suite.make((test) => {
  test("sends full batches even if some of them are rejected", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.setBlocklist([3, 5, 14, 27].map((n) => `person${n}@example.com`))
      const outcomes = yield* (Stream.runCollect(
        invitations.inviteMany(makeRequests(64, 0), { useSingleCreates: false, concurrency: 1 })
      ))
      assert.deepStrictEqual(countTags(outcomes), { Created: 60, Rejected: 4 })
      const calls = (yield* control.calls).filter(({ operation }) => operation === "createBulk")
      // Six full batches, and one rejected call for each batch that contained a blocked address.
      assert.deepStrictEqual(countTags(calls.map(({ outcome }) => ({ _tag: outcome }))), {
        ok: 6,
        not_allowed_access: 3
      })
    }))

  test("sends no write for an address that the list shows as pending", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.seed(makeRequests(20, 0))
      const outcomes = yield* (Stream.runCollect(invitations.inviteMany(makeRequests(40, 0))))
      assert.deepStrictEqual(countTags(outcomes), { Created: 20, AlreadyInvited: 20 })
      const writes = (yield* control.calls).filter(({ operation }) => operation !== "list")
      assert.isTrue(writes.every(({ outcome }) => outcome === "ok"))
    }))

  test("stops with an error that would fail every call, and reports the unfinished items", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.injectFaults([{
        response: Fault.Response.Status({ status: 401, code: "clerk_key_invalid" }),
        commit: "never",
        operation: "createBulk",
        nth: 2
      }])
      const seen: Array<InviteOutcome.InviteOutcome> = []
      let incomplete: InviteMany.Incomplete = { outcomes: [], unknown: [], unsent: [] }
      const error = yield* invitations.inviteMany(makeRequests(30, 0), {
        useSingleCreates: false,
        concurrency: 1,
        onIncomplete: (report) =>
          Effect.sync(() => {
            incomplete = report
          })
      }).pipe(
        Stream.runForEach((outcome) => Effect.sync(() => seen.push(outcome))),
        Effect.flip
      )
      assert.strictEqual(error._tag, "Unauthorized")
      assert.deepStrictEqual(countTags(seen), { Created: 10 })
      assert.deepStrictEqual(incomplete.unknown, [])
      assert.deepStrictEqual(incomplete.outcomes, [])
      // The emitted outcomes and the unsent items are consecutive. The rest of the input was never read.
      const positions = [...seen, ...incomplete.unsent].map(({ position }) => position).sort((a, b) => a - b)
      assert.isTrue(positions.length >= 20)
      assert.deepStrictEqual(positions, positions.map((_, index) => index))
      assert.strictEqual((yield* control.invitations).length, 10)
    }))

  test("reports the revoked invitation if onExisting resend cannot create a new one", ({ control, invitations }) =>
    Effect.gen(function*() {
      const seeded = yield* control.seed(makeRequests(1, 0))
      yield* control.injectFaults([{
        response: Fault.Response.Status({ status: 422, code: "form_param_value_invalid" }),
        commit: "never",
        operation: "create"
      }, {
        response: Fault.Response.Status({ status: 422, code: "form_param_value_invalid" }),
        commit: "never",
        operation: "createBulk"
      }])
      const [outcome] = yield* (Stream.runCollect(
        invitations.inviteMany(makeRequests(1, 0), { onExisting: "resend" })
      ))
      assert.strictEqual(outcome?._tag, "Rejected")
      assert.deepStrictEqual(outcome?._tag === "Rejected" ? outcome.replaced : [], seeded.map(({ id }) => id))
    }))
})
