import type { Invitation } from "@effect-clerk/core/Invitation"
import { AmbiguousWrite } from "@effect-clerk/core/InvitationError"
import { Fault } from "@effect-clerk/http"
import { Duration, Effect, Either, TestClock } from "effect"
import * as assert from "./assert.js"
import { ids, makeRequests } from "./fixtures.js"
import * as Suite from "./suite.js"

const { Body, Reset, Status, Truncated } = Fault.Response

/** Responses after which the client does not know whether the write happened. */
const unknownOutcomes: ReadonlyArray<readonly [name: string, response: Fault.Response]> = [
  ["a closed connection", Reset()],
  ["a truncated response", Truncated()],
  ["status 500", Status({ status: 500 })],
  ["status 502 with a gateway's page", Status({ status: 502, html: true })],
  ["status 503 with Retry-After", Status({ status: 503, code: "service_unavailable", retryAfter: "1" })],
  ["a body that is not JSON", Body({ body: "<html>" })],
  ["a body of another form", Body({ body: "{\"foo\":1}" })]
]

/** Responses that say that the write did not happen. */
const rejections: ReadonlyArray<readonly [name: string, response: Fault.Response]> = [
  ["status 400", Status({ status: 400, code: "bad_request" })],
  ["status 409 resource_locked", Status({ status: 409, code: "resource_locked" })],
  ["status 422", Status({ status: 422, code: "form_param_value_invalid" })],
  ["status 429 with Retry-After", Status({ status: 429, code: "too_many_requests", retryAfter: "5" })]
]

interface Occasion {
  readonly commit: Fault.Commit
  /** How many calls in a row receive the response. */
  readonly times: number
}

const once = (commit: Fault.Commit): Occasion => ({ commit, times: 1 })

const faults: ReadonlyArray<readonly [name: string, response: Fault.Response, occasions: ReadonlyArray<Occasion>]> = [
  ...unknownOutcomes.map(([name, response]) =>
    [name, response, [once("never"), once("before"), once(Duration.seconds(1))]] as const
  ),
  ...rejections.map(([name, response]) => [name, response, [once("never")]] as const),
  ["20 closed connections", Reset(), [{ commit: "before", times: 20 }, { commit: "never", times: 20 }]],
  ["status 500, 20 times", Status({ status: 500 }), [{ commit: "before", times: 20 }, { commit: "never", times: 20 }]],
  ["status 429, 20 times", Status({ status: 429, code: "too_many_requests" }), [{ commit: "never", times: 20 }]]
]

/**
 * A create that returns success happened exactly once. A write that fails with anything but `AmbiguousWrite` did not
 * happen. Each test checks this for calls that take effect, take effect late, or do not take effect.
 */
export const writeSafety = Suite.make((test, { runWithClock }) => {
  for (const [name, response, occasions] of faults) {
    for (const [operation, size] of [["create", 1], ["createBulk", 3]] as const) {
      test(`${operation} reports the truth after ${name}`, ({ control, invitations }) =>
        Effect.forEach(occasions, (occasion) =>
          Effect.gen(function*() {
            yield* control.reset
            yield* control.injectFaults([{ response, operation, ...occasion }])
            const requests = makeRequests(size)
            const call: Effect.Effect<ReadonlyArray<Invitation>, unknown> = operation === "create"
              ? Effect.forEach(requests, (request) => invitations.create(request))
              : invitations.createBulk(requests)
            const result = yield* runWithClock(Effect.either(call))
            // Lets a late commit take effect.
            yield* TestClock.adjust("1 minutes")
            const stored = yield* control.invitations
            if (Either.isRight(result)) {
              assert.deepStrictEqual(ids(stored).sort(), ids(result.right).sort())
              assert.strictEqual(stored.length, size)
            } else if (result.left instanceof AmbiguousWrite) {
              assert.isTrue(stored.length === 0 || stored.length === size)
            } else {
              assert.deepStrictEqual(stored, [])
            }
          }), { discard: true }))
    }

    for (const operation of ["revoke", "delete"] as const) {
      test(`${operation} reports the truth after ${name}`, ({ control, invitations }) =>
        Effect.forEach(occasions, (occasion) =>
          Effect.gen(function*() {
            yield* control.reset
            const [seeded] = yield* control.seed(makeRequests(1))
            assert.isTrue(seeded !== undefined)
            yield* control.injectFaults([{ response, operation, ...occasion }])
            const call: Effect.Effect<unknown, unknown> = invitations[operation](seeded.id)
            const result = yield* runWithClock(Effect.either(call))
            yield* TestClock.adjust("1 minutes")
            const happened = !(yield* control.invitations).some(({ isPending }) => isPending)
            if (Either.isRight(result)) assert.isTrue(happened)
            else if (!(result.left instanceof AmbiguousWrite)) assert.isFalse(happened)
          }), { discard: true }))
    }
  }
})
