import type { InvitationsService } from "@effect-clerk/core"
import { DeletedInvitation, Invitation } from "@effect-clerk/core/Invitation"
import { Fault, InvitationsHttp } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Equal, Option, Redacted, TestClock } from "effect"
import * as clerk from "../utils/clerk.js"
import { networkIdle, runWithClock } from "../utils/clock.js"
import { ambiguousWrite, emailAddress } from "../utils/stubbedCalls.js"
import type { CallError, Write } from "../utils/wire.js"
import { call, id, operations, writes } from "../utils/wire.js"

const faults: ReadonlyArray<readonly [description: string, response: Fault.Response, tag: string]> = [
  ["reset", Fault.Response.Reset(), "ConnectionError"],
  ["no response", Fault.Response.Stall({ at: "headers" }), "Timeout"],
  ["503", Fault.Response.Status({ status: 503, code: "service_unavailable" }), "ServerError"],
  ["stalled body", Fault.Response.Stall({ at: "body" }), "Timeout"],
  ["reset within the body", Fault.Response.Truncated(), "ConnectionError"],
  ["HTML 502", Fault.Response.Status({ status: 502, html: true }), "ServerError"],
  ["200 with an unexpected body", Fault.Response.Body({ body: "{\"foo\":1}" }), "UnexpectedResponse"]
]

/** Performs a write in a store that holds one pending invitation, `target`, for another address. */
const perform = (
  service: InvitationsService.Service,
  operation: Write,
  target: Invitation,
  ignoreExisting: boolean
): Effect.Effect<unknown, CallError> => {
  switch (operation) {
    case "create":
      return service.create({ emailAddress, ignoreExisting, publicMetadata: { plan: "gold" } })
    case "createBulk":
      return service.createBulk([1, 2, 3].map((n) => ({ emailAddress: `person${n}@example.com`, ignoreExisting })))
    default:
      return operation === "revoke" ? service.revoke(target.id) : service.delete(target.id)
  }
}

/** After a committed write: the number of created invitations, and the status of `target`. */
const committed = {
  create: [1, "pending"],
  createBulk: [3, "pending"],
  revoke: [0, "revoked"],
  delete: [0, "deleted"]
} as const

/** Performs a write with a fault, and returns its result, the number of its requests and the state of the store. */
const performWithFault = (operation: Write, fault: Omit<Fault.Plan, "operation">, ignoreExisting = false) =>
  Effect.gen(function*() {
    const { control, count, invitations } = yield* clerk.make()
    const [target] = yield* control.seed([{ emailAddress: "other@example.com" }])
    if (target === undefined) return yield* Effect.dieMessage("the store is empty")
    yield* TestClock.adjust("1 hour")
    yield* control.injectFaults([{ ...fault, operation }])
    const result = yield* runWithClock(Effect.either(perform(invitations, operation, target, ignoreExisting)))
    const stored = yield* control.invitations
    return {
      result,
      requests: count(operation),
      created: stored.filter((invitation) => invitation.id !== target.id),
      targetStatus: stored.find((invitation) => invitation.id === target.id)?.status ?? "deleted"
    }
  })

describe("an unknown outcome", () => {
  for (const [index, [description, response, tag]] of faults.entries()) {
    // The first three faults run with every operation. The others differ from them in their classification only.
    const everyOperation = index < 3

    it.scoped(`list is retried and succeeds: ${description}`, () =>
      Effect.gen(function*() {
        const { control, count, invitations } = yield* clerk.make()
        yield* control.seed([{ emailAddress }])
        yield* control.injectFaults([{ response, commit: "before" }])
        const { data } = yield* runWithClock(invitations.list())
        assert.deepStrictEqual(data.map((invitation) => invitation.emailAddress), [emailAddress])
        assert.strictEqual(count("list"), 2)
      }))

    it.scoped(`list fails with ${tag} after three attempts: ${description}`, () =>
      Effect.gen(function*() {
        const { control, count, invitations } = yield* clerk.make()
        yield* control.injectFaults([{ response, commit: "before", times: 10 }])
        const error = yield* runWithClock(Effect.flip(invitations.list()))
        assert.deepInclude<object>(error, { _tag: tag, operation: "list" })
        assert.strictEqual(count("list"), 3)
      }))

    for (const operation of everyOperation ? ["create", "createBulk"] as const : ["create"] as const) {
      for (const ignoreExisting of everyOperation ? [false, true] : [false]) {
        const name = `${operation}${ignoreExisting ? " with ignoreExisting" : ""}`

        it.scoped(`${name} reconciles and sends one POST: ${description} after commit`, () =>
          Effect.gen(function*() {
            const { created, requests, result } = yield* performWithFault(
              operation,
              { response, commit: "before" },
              ignoreExisting
            )
            assert.strictEqual(requests, 1)
            const returned = [yield* result].flat()
            assert.lengthOf(returned, committed[operation][0])
            for (const [n, invitation] of returned.entries()) assert.isTrue(Equal.equals(invitation, created[n]))
            assert.lengthOf(created, committed[operation][0])
          }))

        if (ignoreExisting) {
          it.scoped(`${name} sends one POST and fails with AmbiguousWrite: ${description} without commit`, () =>
            Effect.gen(function*() {
              const { created, requests, result } = yield* performWithFault(
                operation,
                { response, commit: "never" },
                true
              )
              assert.strictEqual(requests, 1)
              const error = ambiguousWrite(yield* Either.flip(result))
              assert.deepInclude(error, { operation, candidates: [] })
              assert.strictEqual(error.lastFailure._tag, tag)
              assert.lengthOf(created, 0)
            }))
        }
      }
    }

    for (const operation of everyOperation ? writes : ["create"] as const) {
      it.scoped(`${operation} is retried and takes effect once: ${description} without commit`, () =>
        Effect.gen(function*() {
          const { created, requests, result, targetStatus } = yield* performWithFault(operation, {
            response,
            commit: "never"
          })
          assert.isTrue(Either.isRight(result))
          assert.strictEqual(requests, 2)
          assert.deepStrictEqual([created.length, targetStatus], [...committed[operation]])
        }))

      it.scoped(`${operation} fails with AmbiguousWrite after three attempts: ${description} without commit`, () =>
        Effect.gen(function*() {
          const { created, requests, result, targetStatus } = yield* performWithFault(operation, {
            response,
            commit: "never",
            times: 10
          })
          const error = ambiguousWrite(yield* Either.flip(result))
          assert.strictEqual(error.operation, operation)
          assert.deepInclude<object>(error.lastFailure, { _tag: tag, operation })
          assert.strictEqual(requests, 3)
          assert.deepStrictEqual([created.length, targetStatus], [0, "pending"])
        }))
    }

    if (!everyOperation) continue

    for (const operation of ["revoke", "delete"] as const) {
      it.scoped(`${operation} is retried and succeeds: ${description} after commit`, () =>
        Effect.gen(function*() {
          const { requests, result, targetStatus } = yield* performWithFault(operation, { response, commit: "before" })
          assert.instanceOf(yield* result, operation === "revoke" ? Invitation : DeletedInvitation)
          assert.strictEqual(requests, 2)
          assert.strictEqual(targetStatus, committed[operation][1])
        }))
    }

    if (index > 0) continue

    for (const operation of operations) {
      it.scoped(`${operation} sends exactly one request under the policy "none": ${description} without commit`, () =>
        Effect.gen(function*() {
          const { attempts, control, invitations } = yield* clerk.make()
          yield* control.seed([{ emailAddress: "other@example.com" }])
          yield* control.injectFaults([{ response, commit: "never" }])
          const error = yield* runWithClock(
            Effect.flip(call(invitations, operation)).pipe(InvitationsHttp.withRetry("none"))
          )
          yield* networkIdle
          assert.strictEqual(error._tag, operation === "list" ? tag : "AmbiguousWrite")
          assert.lengthOf(attempts, 1)
        }))
    }
  }

  it.scoped("AmbiguousWrite has the addresses of a create, redacted, or the id of a revoke or a delete", () =>
    Effect.gen(function*() {
      const { control, invitations } = yield* clerk.make()
      yield* control.setFaultPolicy(() => Effect.succeedSome(Fault.make(Fault.Response.Reset())))
      const addresses = {
        create: [emailAddress],
        createBulk: [emailAddress, "person2@example.com"],
        revoke: [],
        delete: []
      }
      for (const operation of writes) {
        const error = ambiguousWrite(
          yield* runWithClock(Effect.flip(call(invitations, operation)).pipe(InvitationsHttp.withRetry("none")))
        )
        assert.deepStrictEqual(Redacted.value(error.emailAddresses), addresses[operation])
        assert.strictEqual<string | undefined>(
          Option.getOrUndefined(error.id),
          operation === "revoke" || operation === "delete" ? id : undefined
        )
      }
    }))
})
