import { InvitationsService, type RateLimits } from "@effect-clerk/core"
import { Fault } from "@effect-clerk/http"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber } from "effect"
import * as emulator from "../utils/emulator.js"

const emailAddress = "ada@example.com"

const limits: RateLimits.RateLimits = {
  all: { limit: 1000, window: Duration.seconds(10) },
  create: { limit: 1, window: Duration.hours(1) },
  createBulk: { limit: 25, window: Duration.hours(1) }
}

const statuses = Effect.flatMap(
  InvitationsControl,
  ({ invitations }) =>
    Effect.map(invitations, (all) => all.map(({ emailAddress, status }) => `${emailAddress} ${status}`))
)

describe("resend over HTTP", () => {
  it.live("never returns an invitation that an earlier, incomplete resend has revoked", () =>
    Effect.gen(function*() {
      const invitations = yield* InvitationsService
      const control = yield* InvitationsControl
      // The caller gives up, so that this layer does not know the invitation.
      yield* control.failNext(Fault.Response.Stall({ at: "headers" }), { operation: "create", commit: "before" })
      const create = yield* Effect.fork(invitations.create({ emailAddress }))
      yield* Effect.repeat(Effect.yieldNow().pipe(Effect.zipRight(control.invitations)), {
        until: ({ length }) => length > 0
      })
      yield* Fiber.interrupt(create)

      const refusal = Fault.Response.Status({ status: 422, code: "form_param_value_invalid" })
      yield* control.failNext(refusal, { operation: "create", commit: "never" })
      assert.strictEqual((yield* Effect.flip(invitations.resend({ emailAddress })))._tag, "ResendIncomplete")
      // Nothing is created now, and the only invitation is the revoked one.
      yield* control.failNext(Fault.Response.Reset(), { operation: "create", commit: "never" })
      const error = yield* Effect.flip(invitations.resend({ emailAddress }))
      assert.notStrictEqual(error._tag, "ResendIncomplete")
      assert.deepStrictEqual(yield* statuses, [`${emailAddress} revoked`])

      assert.isTrue((yield* invitations.resend({ emailAddress })).isPending)
    }).pipe(
      Effect.provide(emulator.layer({ client: { retry: { attempts: 1, reconcileTimeout: "10 millis" } } }))
    ))

  it.live("revokes nothing while the rate limit does not admit the create", () =>
    Effect.gen(function*() {
      const invitations = yield* InvitationsService
      const control = yield* InvitationsControl
      yield* control.seed([{ emailAddress }])
      yield* invitations.create({ emailAddress: "eve@example.com" })
      const error = yield* Effect.flip(invitations.resend({ emailAddress }))
      assert.strictEqual(error._tag, "RateLimited")
      assert.sameMembers(yield* statuses, [`${emailAddress} pending`, "eve@example.com pending"])
      assert.isTrue((yield* control.calls).every(({ operation }) => operation !== "revoke"))
    }).pipe(
      Effect.provide(emulator.layer({ client: { rateLimit: { limits, maxWait: "200 millis" } } }))
    ))

  it.live("does not begin again after a duplicate without another admission", () =>
    Effect.gen(function*() {
      const invitations = yield* InvitationsService
      const control = yield* InvitationsControl
      yield* control.seed([{ emailAddress }])
      // The list is stale, so that the first create is a duplicate.
      yield* control.injectFaults([{
        operation: "list",
        response: Fault.Response.Body({ body: "{\"data\":[],\"total_count\":0}" }),
        commit: "never",
        times: 2
      }])
      const error = yield* Effect.flip(invitations.resend({ emailAddress }))
      assert.strictEqual(error._tag, "RateLimited")
      assert.deepStrictEqual(yield* statuses, [`${emailAddress} pending`])
    }).pipe(
      Effect.provide(
        emulator.layer({
          client: { rateLimit: { limits, maxWait: "200 millis" }, retry: { reconcileTimeout: "10 millis" } }
        })
      )
    ))
})
