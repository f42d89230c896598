import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { waitUntil } from "../utils/clock.js"
import type { Connection } from "../utils/connection.js"
import { head, open } from "../utils/connection.js"
import * as emulator from "../utils/emulator.js"
import { call, send } from "../utils/emulator.js"

const megabyte = 1_000_000

const chunked = "Transfer-Encoding: chunked"

const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`

// Sends chunks until the connection closes.
const sendWithoutEnd = ({ socket }: Connection): void => {
  const next = chunk("a".repeat(megabyte))
  const write = () => {
    if (!socket.destroyed) socket.write(next, write)
  }
  write()
}

const stillAnswers = Effect.gen(function*() {
  assert.strictEqual((yield* call("GET", "/v1/invitations")).status, 200)
})

describe("the body of a create", () => {
  it.scoped("may be chunked, with the same limit", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const created = yield* open
      created.socket.write(head("POST /v1/invitations", chunked))
      created.socket.write(chunk("{\"email_address\":") + chunk("\"ada@example.com\"}") + "0\r\n\r\n")
      yield* waitUntil("the connection closes", () => created.closed)
      assert.include(created.received, "200 OK")
      const rejected = yield* open
      rejected.socket.write(head("POST /v1/invitations/bulk", chunked))
      rejected.socket.write(chunk("[".padEnd(megabyte)) + chunk("]") + "0\r\n\r\n")
      yield* waitUntil("the connection closes", () => rejected.closed)
      assert.include(rejected.received, "413 Payload Too Large")
      assert.include(rejected.received, "request_body_too_large")
      assert.strictEqual((yield* control.invitations).length, 1)
    }).pipe(Effect.provide(emulator.layerRaw())))

  it.effect("may not exhaust the stack", () =>
    Effect.gen(function*() {
      const deep = "[".repeat(100_000) + "]".repeat(100_000)
      for (
        const [path, body] of [
          ["/v1/invitations/bulk", deep],
          ["/v1/invitations", `{"email_address":${deep}}`],
          ["/v1/invitations", `{"email_address":"ada@example.com","public_metadata":{"a":${deep}}}`]
        ] as const
      ) {
        const response = yield* call("POST", path, body)
        assert.strictEqual(response.status, 400)
        assert.include(response.text, "\"code\":\"request_body_invalid\"")
      }
    }).pipe(Effect.provide(emulator.layerRaw())))
})

it.scoped.each<readonly [line: string, host: string]>([
  ["POST /v1/invitations", "localhost"],
  ["POST /v1/invitations", "evil.example"],
  ["POST /v1/nowhere", "localhost"],
  ["GET /v1/invitations", "localhost"],
  ["POST /_emulator/users", "localhost"],
  ["POST /", "evil.example"]
])(
  "a body without end closes its connection, and nothing else: %s at %s",
  ([line, host]) =>
    Effect.gen(function*() {
      const connection = yield* open
      connection.socket.write(head(line, chunked).replace("localhost", host))
      sendWithoutEnd(connection)
      yield* waitUntil("the connection closes", () => connection.closed)
      yield* stillAnswers
    }).pipe(Effect.provide(emulator.layerRaw()))
)

it.scoped("the control endpoints reject a body of unknown length", () =>
  Effect.gen(function*() {
    const connection = yield* open
    connection.socket.write(head("POST /_emulator/users", chunked) + chunk("{}"))
    yield* waitUntil("the connection closes", () => connection.closed)
    assert.include(connection.received, "411 Length Required")
  }).pipe(Effect.provide(emulator.layerRaw())))

it.scoped("a connection that breaks after a request to upgrade ends nothing else", () =>
  Effect.gen(function*() {
    const upgraded = yield* open
    upgraded.socket.write(head("GET /v1/invitations", "Connection: Upgrade", "Upgrade: websocket"))
    yield* waitUntil("the connection closes", () => upgraded.closed)
    assert.include(upgraded.received, "200 OK")
    for (let n = 0; n < 10; n++) {
      const broken = yield* open
      broken.socket.write(head("GET /v1/invitations", "Connection: Upgrade", "Upgrade: websocket"), () =>
        broken.socket.resetAndDestroy())
      yield* waitUntil("the connection closes", () =>
        broken.closed)
    }
    yield* stillAnswers
  }).pipe(Effect.provide(emulator.layerRaw())))

it.effect("a fault may not contain a header that cannot be sent", () =>
  Effect.gen(function*() {
    for (
      const response of [
        { _tag: "Status", status: 429, retryAfter: "1\r\n2" },
        { _tag: "Body", body: "", contentType: "text\n" }
      ]
    ) {
      const { status } = yield* send("POST", "/_emulator/faults", { body: { response, commit: "never" } })
      assert.strictEqual(status, 400)
    }
  }).pipe(Effect.provide(emulator.layerRaw())))
