import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { networkIdle, waitUntil } from "../utils/clock.js"
import { head, open } from "../utils/connection.js"
import * as emulator from "../utils/emulator.js"

describe("reset", () => {
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
