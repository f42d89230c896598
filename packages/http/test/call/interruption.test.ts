import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { clients } from "../utils/clients.js"
import { eventLoopTurns, interruptAtOnce, networkIdle, stubTurns, waitUntil } from "../utils/clock.js"
import { overRaw } from "../utils/overRaw.js"
import * as raw from "../utils/rawServer.js"
import * as stub from "../utils/stub.js"
import { throttled } from "../utils/stubbedCalls.js"
import { call, operations } from "../utils/wire.js"

describe("interruption of a call", () => {
  it.effect("ends the call at once during a backoff, and no further request is sent", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(() => ({ status: 503 }))
      const fiber = yield* Effect.fork(invitations.list())
      yield* eventLoopTurns(stubTurns)
      yield* interruptAtOnce(fiber)
      yield* TestClock.adjust("1 minute")
      assert.lengthOf(seen, 1)
    }))

  it.effect("ends the call at once during a Retry-After or a cooldown, and no further request is sent", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(() => throttled("20"))
      const throttledCall = yield* Effect.fork(invitations.list())
      yield* eventLoopTurns(stubTurns)
      const waiting = yield* Effect.fork(invitations.list())
      yield* eventLoopTurns(stubTurns)
      yield* interruptAtOnce(waiting)
      yield* interruptAtOnce(throttledCall)
      yield* TestClock.adjust("1 minute")
      assert.lengthOf(seen, 1)
    }))

  for (const [name, client] of clients) {
    for (const operation of operations) {
      it.scoped(`closes the connection of a request in flight: ${operation} over ${name}`, () =>
        Effect.gen(function*() {
          const { invitations, server } = yield* overRaw([raw.stall], {}, client)
          const fiber = yield* Effect.fork(call(invitations, operation))
          yield* waitUntil("the request arrives", () => server.requests.length === 1)
          assert.strictEqual(server.openSockets(), 1)
          yield* interruptAtOnce(fiber)
          yield* waitUntil("the connection is closed", () => server.openSockets() === 0)
          yield* networkIdle
          assert.lengthOf(server.requests, 1)
        }))
    }

    it.scoped(`closes the connection while the body is read, over ${name}`, () =>
      Effect.gen(function*() {
        const { invitations, server } = yield* overRaw(
          [[raw.Step.Write({ bytes: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{\"\r\n" })]],
          {},
          client
        )
        const fiber = yield* Effect.fork(invitations.list())
        yield* waitUntil("the request arrives", () => server.requests.length === 1)
        yield* networkIdle
        yield* interruptAtOnce(fiber)
        yield* waitUntil("the connection is closed", () => server.openSockets() === 0)
      }))
  }
})
