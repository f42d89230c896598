import { InvitationsHttp } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Schedule } from "effect"
import { runStubWithClock } from "../utils/clock.js"
import * as stub from "../utils/stub.js"
import { emailAddress, listOverStub, reactFirst, requestsOf, succeed, throttled } from "../utils/stubbedCalls.js"
import { call, errors, operations, page } from "../utils/wire.js"

const unavailable = () => ({ status: 503 })

describe("retry policy", () => {
  it.effect("a schedule determines the delays and the number of retries", () =>
    Effect.gen(function*() {
      const retry = Schedule.exponential("1 second").pipe(Schedule.intersect(Schedule.recurs(3)))
      const { error, requests } = yield* listOverStub(unavailable, { retry })
      assert.deepStrictEqual(requests.map(({ at }) => at), [0, 1000, 3000, 7000])
      assert.strictEqual(error?._tag, "ServerError")
    }))

  it.effect("a schedule starts anew with every call", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(unavailable, {
        retry: Schedule.exponential("1 second").pipe(Schedule.intersect(Schedule.recurs(1)))
      })
      yield* runStubWithClock(
        Effect.all([invitations.list(), invitations.list()].map(Effect.either), { concurrency: 2 })
      )
      yield* runStubWithClock(Effect.either(invitations.list()))
      assert.deepStrictEqual(seen.map(({ at }) => at), [0, 0, 1000, 1000, 1000, 2000])
    }))

  it.effect("`minBackoff` applies to a schedule without delays", () =>
    Effect.gen(function*() {
      const { requests } = yield* listOverStub(unavailable, { retry: Schedule.recurs(2) })
      assert.deepStrictEqual(requests.map(({ at }) => at), [0, 200, 400])
    }))

  it.effect("a schedule receives the error and can end the retries", () =>
    Effect.gen(function*() {
      const retry = Schedule.recurWhile(({ _tag }: { readonly _tag: string }) => _tag === "TooManyRequests")
      assert.isUndefined((yield* listOverStub(reactFirst(2, "list", throttled("1")), { retry })).error)
      assert.lengthOf((yield* listOverStub(unavailable, { retry })).requests, 1)
    }))

  it.effect("a schedule retries neither a rejected request nor a lost create with ignoreExisting", () =>
    Effect.gen(function*() {
      const retry = Schedule.spaced("1 second").pipe(Schedule.intersect(Schedule.recurs(5)))
      assert.lengthOf((yield* listOverStub(() => ({ status: 403 }), { retry })).requests, 1)
      const { invitations, seen } = yield* stub.service(
        ({ operation }) => operation === "list" ? { body: page([]) } : { status: 503 },
        { retry }
      )
      yield* runStubWithClock(Effect.flip(invitations.create({ emailAddress, ignoreExisting: true })))
      assert.lengthOf(requestsOf(seen, "create"), 1)
    }))

  it.effect("Retry-After applies to a schedule", () =>
    Effect.gen(function*() {
      const { delays } = yield* listOverStub(reactFirst(1, "list", throttled("5")), { retry: Schedule.recurs(1) })
      assert.lengthOf(delays, 1)
      for (const delay of delays) assert.isAtLeast(delay, 5000)
    }))

  for (const operation of operations) {
    for (
      const [description, reaction] of [
        ["connection refused", { code: "ECONNREFUSED" }],
        ["429", { status: 429 }],
        ["409 resource_locked", { status: 409, body: errors("resource_locked") }],
        ["400", { status: 400 }],
        ["503", { status: 503 }],
        ["reset", { code: "ECONNRESET" }]
      ] as const
    ) {
      it.effect(`"none": ${operation} sends exactly one request and does not wait: ${description}`, () =>
        Effect.gen(function*() {
          const { invitations, seen } = yield* stub.service(() => reaction, { retry: "none" })
          yield* runStubWithClock(Effect.flip(call(invitations, operation)))
          assert.lengthOf(seen, 1)
          assert.strictEqual(yield* Clock.currentTimeMillis, 0)
        }))
    }
  }

  it.effect("\"none\": create with ignoreExisting sends exactly one request", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(succeed, { retry: "none" })
      yield* runStubWithClock(invitations.create({ emailAddress, ignoreExisting: true }))
      assert.deepStrictEqual(seen.map(({ operation }) => operation), ["create"])
    }))

  it.effect("withRetry applies to one effect and to the fibers that it forks", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(unavailable)
      const countRequests = Effect.zipRight(
        runStubWithClock(Effect.flip(invitations.list())),
        Effect.sync(() => seen.splice(0).length)
      )
      assert.strictEqual(yield* InvitationsHttp.withRetry(countRequests, "none"), 1)
      assert.strictEqual(yield* countRequests.pipe(InvitationsHttp.withRetry({ attempts: 5 })), 5)
      assert.strictEqual(
        yield* countRequests.pipe(InvitationsHttp.withRetry("none"), InvitationsHttp.withRetry({ attempts: 5 })),
        1
      )
      assert.strictEqual(yield* countRequests, 3)
    }))

  it.effect("a call sends one request if `attempts` is below one", () =>
    Effect.gen(function*() {
      for (const attempts of [0, -3, 1]) {
        assert.lengthOf((yield* listOverStub(unavailable, { retry: { attempts } })).requests, 1)
      }
    }))
})
