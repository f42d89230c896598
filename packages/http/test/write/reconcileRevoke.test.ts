import { ErrorDetail } from "@effect-clerk/core/ErrorDetail"
import { DeletedInvitation, InvitationId } from "@effect-clerk/core/Invitation"
import type { Invitation } from "@effect-clerk/core/Invitation"
import { BadRequest, ConnectionError, NotFound } from "@effect-clerk/core/InvitationError"
import type { ListInvitations } from "@effect-clerk/core/ListInvitations"
import * as RetryPolicy from "@effect-clerk/http/RetryPolicy"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option, TestClock } from "effect"
import { committed, notCommitted, notFound } from "../../src/internal/call/call.js"
import type { AttemptFailure } from "../../src/internal/client/attemptFailure.js"
import { attemptFailure } from "../../src/internal/client/attemptFailure.js"
import * as Decode from "../../src/internal/wire/decode.js"
import * as Confirm from "../../src/internal/write/confirm.js"
import { row } from "../utils/wire.js"

const id = InvitationId.make("inv_1")

const invitation = (n: number): Invitation =>
  Option.getOrThrow(Decode.invitation(row(n, { revoked: true, status: "revoked" })))

const lost = attemptFailure(
  "Unknown",
  new ConnectionError({ operation: "revoke", reason: "Lost", code: Option.none() })
)

const rejected = (code: string) =>
  attemptFailure(
    "Rejected",
    new BadRequest({
      operation: "revoke",
      status: 400,
      errors: [new ErrorDetail({ code, message: "", longMessage: "", meta: {} })],
      traceId: Option.none()
    })
  )

const missing = (code: string) =>
  attemptFailure(
    "Rejected",
    new NotFound({
      operation: "delete",
      status: 404,
      errors: [new ErrorDetail({ code, message: "", longMessage: "", meta: {} })],
      traceId: Option.none()
    })
  )

/** Reconciles a revoke with lists that are scripted. The last one repeats. */
const revoked = (
  failure: AttemptFailure,
  lists: ReadonlyArray<ReadonlyArray<Invitation> | AttemptFailure>,
  options: RetryPolicy.Options = { reconcileTimeout: "4 seconds" }
) =>
  Effect.gen(function*() {
    const listed: Array<ListInvitations> = []
    const reconcile = Confirm.revoked((params) =>
      Effect.suspend(() => {
        const list = lists[Math.min(listed.length, lists.length - 1)] ?? []
        listed.push(params)
        return "disposition" in list
          ? Effect.fail(list)
          : Effect.succeed({ data: list, serverTime: Option.none(), receivedAt: { monotonic: 0, wall: 0 } })
      }), id)
    const policy = Effect.runSync(RetryPolicy.make(options))
    const fiber = yield* Effect.fork(reconcile(failure, { last: true, policy }))
    yield* TestClock.adjust("10 seconds")
    return [yield* Fiber.join(fiber), listed] as const
  })

describe("a revoke", () => {
  const alreadyRevoked = rejected("invitation_already_revoked")

  it.effect("was not committed if the invitation is already accepted, and is not found after other errors", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* revoked(rejected("invitation_already_accepted"), []), [notCommitted, []])
      assert.deepStrictEqual(yield* revoked(rejected("form_param_value_invalid"), []), [notFound, []])
      assert.deepStrictEqual(yield* revoked(lost, []), [notFound, []])
    }))

  it.effect("was committed if the invitation is already revoked, and returns the invitation with its id", () =>
    Effect.gen(function*() {
      const one = invitation(1)
      const [reconciliation, listed] = yield* revoked(alreadyRevoked, [lost, [invitation(2)], [invitation(11), one]])
      assert.deepStrictEqual(reconciliation, committed(one))
      assert.deepStrictEqual(listed, Array.from({ length: 3 }, () => ({ query: id, status: "revoked", limit: 500 })))
    }))

  it.effect("is not looked up if the policy does not reconcile", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* revoked(alreadyRevoked, [[invitation(1)]], { reconcile: false }), [notFound, []])
    }))

  it.effect("is not found if no list shows the invitation", () =>
    Effect.gen(function*() {
      const [reconciliation, listed] = yield* revoked(alreadyRevoked, [[invitation(2)]])
      assert.deepStrictEqual(reconciliation, notFound)
      assert.lengthOf(listed, 5)
      assert.lengthOf((yield* revoked(alreadyRevoked, [[]], { reconcileTimeout: 0 }))[1], 1)
    }))
})

describe("a delete", () => {
  it.effect("was committed if Clerk does not find the invitation, and not if a route is missing", () =>
    Effect.gen(function*() {
      const reconcile = Confirm.deleted(id)
      const options = { last: true, policy: Effect.runSync(RetryPolicy.make()) }
      assert.deepStrictEqual(
        yield* reconcile(missing("resource_not_found"), options),
        committed(new DeletedInvitation({ id }))
      )
      assert.deepStrictEqual(yield* reconcile(missing("not_found"), options), notFound)
      assert.deepStrictEqual(yield* reconcile(lost, options), notFound)
    }))
})
