import { Fault } from "@effect-clerk/http"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, TestClock } from "effect"
import { networkIdle, waitUntil } from "../utils/clock.js"
import { head, open } from "../utils/connection.js"
import * as emulator from "../utils/emulator.js"

describe("reset", () => {
  it.scoped("closes the connection of a response that drips", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      yield* control.seed([{ emailAddress: "ada@example.com" }])
      yield* control.failNext(Fault.Response.Drip({ every: Duration.seconds(1) }))
      const connection = yield* open
      connection.socket.write(head("GET /v1/invitations"))
      yield* networkIdle
      yield* TestClock.adjust("1 second")
      yield* waitUntil("the first bytes arrive", () => connection.received.includes("\r\n\r\n"))
      yield* control.reset
      yield* waitUntil("the connection closes", () => connection.closed)
      const { received } = connection
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(connection.received, received)
    }).pipe(Effect.provide(emulator.layerRaw())))

  it.scoped("closes the connection of a create whose body arrives after it", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const connection = yield* open
      const body = "{\"email_address\":\"ada@example.com\"}"
      connection.socket.write(head("POST /v1/invitations", `Content-Length: ${body.length}`) + body.slice(0, 5))
      yield* networkIdle
      assert.strictEqual((yield* control.requests).length, 1)
      yield* control.reset
      connection.socket.write(body.slice(5))
      yield* waitUntil("the connection closes", () => connection.closed)
      assert.deepStrictEqual([connection.received, yield* control.invitations], ["", []])
    }).pipe(Effect.provide(emulator.layerRaw())))
})
