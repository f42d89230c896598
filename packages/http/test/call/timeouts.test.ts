import { Fault, InvitationsHttp } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Schedule } from "effect"
import * as clerk from "../utils/clerk.js"
import { clients } from "../utils/clients.js"
import { runStubWithClock, runWithClock, waitUntil } from "../utils/clock.js"
import { invite, limits } from "../utils/limits.js"
import { overRaw } from "../utils/overRaw.js"
import * as raw from "../utils/rawServer.js"
import * as stub from "../utils/stub.js"
import { ambiguousWrite, emailAddress, listOverStub } from "../utils/stubbedCalls.js"
import { page } from "../utils/wire.js"

describe("timeouts", () => {
  it.effect("an attempt ends after ten seconds, and the call fails with Timeout after three attempts", () =>
    Effect.gen(function*() {
      const { elapsed, error, requests } = yield* listOverStub(() => "stall")
      assert.deepInclude<object | undefined>(error, {
        _tag: "Timeout",
        operation: "list",
        limit: "attempt",
        duration: Duration.seconds(10)
      })
      assert.lengthOf(requests, 3)
      assert.isAtLeast(elapsed, 30_000)
      assert.isBelow(elapsed, 32_000)
    }))

  it.effect("a call fails with Timeout after sixty seconds, however many attempts are left", () =>
    Effect.gen(function*() {
      const { elapsed, error, requests } = yield* listOverStub(() => "stall", { retry: Schedule.spaced("1 second") })
      assert.strictEqual(elapsed, 60_000)
      assert.lengthOf(requests, 6)
      assert.deepInclude<object | undefined>(error, {
        _tag: "Timeout",
        operation: "list",
        limit: "total",
        duration: Duration.seconds(60)
      })
    }))

  it.effect("a call fails with its last error if the next delay would pass the deadline", () =>
    Effect.gen(function*() {
      const { elapsed, error, requests } = yield* listOverStub(() => ({ status: 503 }), {
        retry: Schedule.spaced("1 second"),
        timeout: { total: "5500 millis" }
      })
      assert.strictEqual(error?._tag, "ServerError")
      assert.lengthOf(requests, 6)
      assert.strictEqual(elapsed, 5000)
    }))

  for (const [name, client] of clients) {
    it.scoped(`the timeout of an attempt includes the body and closes the connection, over ${name}`, () =>
      Effect.gen(function*() {
        const { invitations, server } = yield* overRaw(
          [[raw.Step.Write({
            bytes: "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"data\":["
          })]],
          { retry: "none" },
          client
        )
        const error = yield* runWithClock(Effect.flip(invitations.list()))
        assert.deepInclude<object>(error, { _tag: "Timeout", limit: "attempt" })
        assert.strictEqual(yield* Clock.currentTimeMillis, 10_000)
        yield* waitUntil("the connection is closed", () => server.openSockets() === 0)
      }))
  }

  it.scoped("a body that arrives byte by byte does not extend the timeout of an attempt", () =>
    Effect.gen(function*() {
      const { control, invitations } = yield* clerk.make({ retry: "none" })
      yield* control.seed([{ emailAddress }])
      yield* control.failNext(Fault.Response.Drip({ every: Duration.seconds(3) }))
      const error = yield* runWithClock(Effect.flip(invitations.list()))
      assert.deepInclude<object>(error, { _tag: "Timeout", limit: "attempt" })
      assert.strictEqual(yield* Clock.currentTimeMillis, 10_000)
    }))

  it.scoped("a body that arrives byte by byte within the timeout is read to its end", () =>
    Effect.gen(function*() {
      const { control, invitations } = yield* clerk.make()
      yield* control.seed([{ emailAddress }])
      yield* control.failNext(Fault.Response.Drip({ every: Duration.millis(100) }))
      assert.lengthOf((yield* runWithClock(invitations.list())).data, 1)
    }))

  it.effect("the deadline of a create with ignoreExisting includes the look-up before the create", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(() => "stall", { timeout: { total: "5 seconds" } })
      const error = yield* runStubWithClock(Effect.flip(invitations.create({ emailAddress, ignoreExisting: true })))
      assert.include(["Timeout", "AmbiguousWrite"], error._tag)
      assert.strictEqual(yield* Clock.currentTimeMillis, 5000)
    }))

  it.effect("the deadline of a create includes the wait for another create of the same address", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(() => "stall", { retry: "none", timeout: { total: "5 seconds" } })
      const results = yield* runStubWithClock(
        Effect.all([1, 2, 3].map(() => Effect.flip(invitations.create({ emailAddress }))), { concurrency: 3 })
      )
      assert.lengthOf(results, 3)
      assert.strictEqual(yield* Clock.currentTimeMillis, 5000)
    }))

  it.effect("a wait for the rate limits that is over does not postpone the deadline of a create that waits for another", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(
        (request) => request.operation === "create" ? "stall" : stub.properly(request),
        {
          retry: "none",
          timeout: { total: "5 seconds" },
          rateLimit: { limits: limits({ createBulk: { limit: 1, window: Duration.seconds(10) } }) }
        }
      )
      const elapsed = yield* runStubWithClock(Effect.gen(function*() {
        for (const n of [1, 2]) yield* invitations.createBulk([invite(n)])
        const start = yield* Clock.currentTimeMillis
        assert.isAtLeast(start, 10_000)
        const create = Effect.flip(invitations.create(invite(3)))
        yield* Effect.all([create, create], { concurrency: 2 })
        return (yield* Clock.currentTimeMillis) - start
      }))
      assert.strictEqual(elapsed, 5000)
    }))

  it.effect("a create fails with AmbiguousWrite if reconciliation has used up the time for the next delay", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(
        ({ operation }) =>
          operation === "create"
            ? Effect.succeed({ code: "ECONNRESET" })
            : Effect.delay(Effect.succeed({ body: page([]) }), "1 second"),
        { retry: Schedule.spaced("2 seconds"), timeout: { total: "3 seconds" } }
      )
      const error = yield* runStubWithClock(Effect.flip(invitations.create({ emailAddress })))
      assert.strictEqual(ambiguousWrite(error).lastFailure._tag, "ConnectionError")
      assert.strictEqual(yield* Clock.currentTimeMillis, 1000)
      assert.deepStrictEqual(seen.map(({ operation }) => operation), ["create", "list", "list"])
    }))

  it.effect("a create that reaches its deadline during reconciliation fails with AmbiguousWrite", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(
        ({ operation }) => operation === "create" ? { code: "ECONNRESET" } : "stall",
        { timeout: { total: "3 seconds" } }
      )
      const error = yield* runStubWithClock(Effect.flip(invitations.create({ emailAddress })))
      assert.strictEqual(error._tag, "AmbiguousWrite")
      assert.strictEqual(yield* Clock.currentTimeMillis, 3000)
    }))

  it.effect("withTimeout applies to one effect only", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(() => "stall", { retry: "none" })
      const measured = Effect.gen(function*() {
        const startedAt = yield* Clock.currentTimeMillis
        yield* runStubWithClock(Effect.flip(invitations.list()))
        return (yield* Clock.currentTimeMillis) - startedAt
      })
      assert.strictEqual(yield* InvitationsHttp.withTimeout(measured, { attempt: "1 second" }), 1000)
      assert.strictEqual(yield* measured.pipe(InvitationsHttp.withTimeout({ total: "2 seconds" })), 2000)
      assert.strictEqual(yield* measured, 10_000)
    }))
})
