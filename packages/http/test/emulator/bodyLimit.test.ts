import { Fault } from "@effect-clerk/http"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { HttpServer } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber } from "effect"
import { connect } from "node:net"
import { eventLoopTurns, networkIdle } from "../utils/clock.js"
import * as emulator from "../utils/emulator.js"
import { call } from "../utils/emulator.js"

const port = Effect.map(HttpServer.HttpServer, ({ address }) => address._tag === "TcpAddress" ? address.port : 0)

/**
 * Sends a head, and then chunks of 64 kB until `size` bytes are sent or the connection closes. Returns the response up to the
 * end of the connection, or up to its body.
 */
const upload = (head: string, size: number) =>
  Effect.flatMap(port, (port) =>
    Effect.promise(() =>
      new Promise<string>((resolve) => {
        const chunk = "a".repeat(65_536)
        let sent = 0
        let received = ""
        const socket = connect(port, "127.0.0.1")
        const next = (): void => {
          while (sent < size && !socket.destroyed) {
            sent += chunk.length
            if (!socket.write(`10000\r\n${chunk}\r\n`)) {
              socket.once("drain", next)
              return
            }
          }
        }
        socket.on("error", () => {})
        socket.on("close", () => resolve(received))
        socket.on("data", (data) => {
          received += data.toString()
          if (received.includes("\r\n\r\n")) socket.destroy()
        })
        socket.write(`${head}\r\n`)
        next()
      })
    ))

const chunkedPost = (path: string, key = "authorization: Bearer sk_test_x\r\n") =>
  `POST ${path} HTTP/1.1\r\nhost: localhost\r\n${key}content-type: application/json\r\ntransfer-encoding: chunked\r\n`

const isAlive = Effect.map(call("GET", "/v1/invitations"), ({ status }) => {
  assert.strictEqual(status, 200)
})

describe("a request body of more than 1 MB", () => {
  it.scoped("is rejected before it is read, if it has a Content-Length", () =>
    Effect.gen(function*() {
      const response = yield* call("POST", "/v1/invitations", "a".repeat(1_000_001))
      assert.strictEqual(response.status, 413)
      assert.include(response.text, "request_body_too_large")
      assert.strictEqual((yield* call("POST", "/v1/invitations", "a".repeat(1_000_000))).status, 400)
    }).pipe(Effect.provide(emulator.layerRaw())))

  for (const path of ["/v1/invitations", "/v1/invitations/bulk"]) {
    it.scoped(`is rejected without a Content-Length: ${path}`, () =>
      Effect.gen(function*() {
        assert.match(yield* upload(chunkedPost(path), 8_000_000), /^HTTP\/1.1 413 /)
        yield* isAlive
      }).pipe(Effect.provide(emulator.layerRaw())))
  }

  it.scoped("ends its connection if it does not end", () =>
    Effect.gen(function*() {
      const response = yield* upload(chunkedPost("/v1/invitations").replace("POST", "PUT"), 40_000_000)
      assert.notMatch(response, /^HTTP\/1.1 2/)
      assert.match(yield* upload(chunkedPost("/v1/invitations"), 100_000_000), /^(?:HTTP\/1.1 413 |$)/)
      yield* isAlive
    }).pipe(Effect.provide(emulator.layerRaw())))

  it.scoped("is not read without a secret key", () =>
    Effect.gen(function*() {
      assert.match(yield* upload(chunkedPost("/v1/invitations", ""), 8_000_000), /^HTTP\/1.1 401 /)
      yield* isAlive
    }).pipe(Effect.provide(emulator.layerRaw())))

  it.scoped("reaches no control endpoint", () =>
    Effect.gen(function*() {
      const response = yield* upload(chunkedPost("/_emulator/users"), 8_000_000)
      assert.notMatch(response, /^HTTP\/1.1 2/)
      assert.deepStrictEqual(yield* Effect.flatMap(InvitationsControl, ({ users }) => users), [])
      yield* isAlive
    }).pipe(Effect.provide(emulator.layerRaw())))
})

describe("a reset", () => {
  it.scoped("ends a response that drips", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      yield* control.failNext(Fault.Response.Drip({ every: Duration.hours(1) }))
      const head = "GET /v1/invitations HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer sk_test_x\r\n"
      const response = yield* Effect.fork(upload(head, 0))
      yield* Effect.repeat(Effect.zipRight(eventLoopTurns(1), control.calls), { until: (calls) => calls.length === 1 })
      yield* networkIdle
      yield* control.reset
      assert.notInclude(yield* Fiber.join(response), "total_count")
    }).pipe(Effect.provide(emulator.layerRaw())))
})
