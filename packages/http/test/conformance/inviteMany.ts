import type { InviteMany, InviteOutcome } from "@effect-clerk/core"
import { InstanceRefusalCode } from "@effect-clerk/core/ErrorDetail"
import { Fault } from "@effect-clerk/http"
import { Effect, Option, Stream } from "effect"
import * as assert from "./assert.js"
import { countTags, inputOutcomes, makeRequests } from "./fixtures.js"
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

  test("fails with an error that would fail every call if asked to, and reports the unfinished items", ({ control, invitations }) =>
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
        onInstanceRefusal: "fail",
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
      const positions = [...inputOutcomes(seen), ...incomplete.unsent].map(({ position }) => position).sort((a, b) =>
        a - b
      )
      assert.isTrue(positions.length >= 20)
      assert.deepStrictEqual(positions, positions.map((_, index) => index))
      assert.strictEqual((yield* control.invitations).length, 10)
    }))

  for (const code of InstanceRefusalCode.literals) {
    test(`reports ${code} once: addresses that were read are NotAttempted, and Stopped is last`, ({ control, invitations }) =>
      Effect.gen(function*() {
        let read = 0
        const requests = Stream.tap(Stream.fromIterable(makeRequests(300, 0)), () => Effect.sync(() => read++))
        const outcomes = yield* Stream.runCollect(
          invitations.inviteMany(Stream.rechunk(requests, 1), { concurrency: 1 }).pipe(
            Stream.tap((outcome) => outcome._tag === "Created" ? control.setInstanceRefusal(code) : Effect.void)
          )
        )
        const all = Array.from(outcomes)
        const last = all[all.length - 1]
        if (last?._tag !== "Stopped") throw new Error("the last outcome is not Stopped")
        assert.deepStrictEqual(last.error.errors.map((detail) => detail.code), [code])
        const ofInputs = inputOutcomes(all)
        assert.strictEqual(ofInputs.length, all.length - 1)
        const { Created: created = 0, NotAttempted: notAttempted = 0, ...others } = countTags(ofInputs)
        assert.deepStrictEqual(others, {})
        assert.strictEqual(created, (yield* control.invitations).length)
        assert.isTrue(notAttempted > 0)
        // Every input that was read has an outcome. The others were not read.
        assert.strictEqual(created + notAttempted, read)
        assert.isTrue(read < 200)
        assert.deepStrictEqual(
          ofInputs.map(({ position }) => position).sort((a, b) => a - b),
          Array.from({ length: read }, (_, index) => index)
        )
        // A bulk create and a single create were in flight.
        const refusals = (yield* control.calls).filter(({ outcome }) => outcome === code)
        assert.isTrue(refusals.length <= 2)
      }))
  }

  test("stops after one probe if all requests are refused because of a field that they share", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.setFaultPolicy((operation) =>
        Effect.succeed(
          operation === "list" ? Option.none() : Option.some(Fault.make(Fault.Response.Body({
            status: 422,
            body: JSON.stringify({
              errors: [{ code: "form_param_format_invalid", message: "", meta: { param_name: "redirect_url" } }]
            })
          })))
        )
      )
      const requests = makeRequests(200).map((request) => ({ ...request, redirectUrl: "https://example.com" }))
      const outcomes = yield* Stream.runCollect(invitations.inviteMany(requests))
      assert.strictEqual(countTags(outcomes)["Stopped"], 1)
      assert.isTrue((yield* control.calls).filter(({ operation }) => operation !== "list").length <= 5)
    }))

  test("isolates the addresses of users, which Clerk does not name", ({ control, invitations }) =>
    Effect.gen(function*() {
      const isRefused = ({ emailAddress }: { readonly emailAddress: string }) => /person\d*7@/.test(emailAddress)
      const requests = makeRequests(60, 0)
      for (const request of requests.filter(isRefused)) yield* control.addUser(request.emailAddress)
      const outcomes = yield* Stream.runCollect(invitations.inviteMany(requests))
      assert.deepStrictEqual(countTags(outcomes), { Created: 54, UserExists: 6 })
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
