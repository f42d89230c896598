import { ConnectionError } from "@effect-clerk/core/InvitationError"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { clients } from "../utils/clients.js"
import { runStubWithClock, runWithClock } from "../utils/clock.js"
import { overRaw } from "../utils/overRaw.js"
import * as raw from "../utils/rawServer.js"
import * as stub from "../utils/stub.js"
import { ambiguousWrite, reactAlways, reactFirst } from "../utils/stubbedCalls.js"
import { call, operations, writes } from "../utils/wire.js"

const causes: ReadonlyArray<
  readonly [description: string, reaction: stub.Reaction, reason: ConnectionError["reason"]]
> = [
  ["busy name server", { code: "EAI_AGAIN", syscall: "getaddrinfo" }, "Dns"],
  ["unknown host name", { code: "ENOTFOUND", syscall: "getaddrinfo" }, "Dns"],
  ["connection refused", { code: "ECONNREFUSED", syscall: "connect" }, "Refused"],
  ["no route to the host", { code: "EHOSTUNREACH", syscall: "connect" }, "Unreachable"],
  ["connect timeout of undici", { code: "UND_ERR_CONNECT_TIMEOUT" }, "ConnectTimeout"],
  ["connect timeout of the kernel", { code: "ETIMEDOUT", syscall: "connect" }, "ConnectTimeout"],
  ["expired certificate", { code: "CERT_HAS_EXPIRED" }, "Tls"]
]

describe("a request that was not sent", () => {
  for (const operation of operations) {
    // The classification of a cause does not depend on the operation, so two causes suffice for the writes.
    for (const [description, reaction, reason] of operation === "list" ? causes : causes.slice(1, 3)) {
      it.effect(`${operation} fails with ConnectionError ${reason} after three attempts and no look-up: ${description}`, () =>
        Effect.gen(function*() {
          const { invitations, seen } = yield* stub.service(reactAlways(operation, reaction))
          const error = yield* runStubWithClock(Effect.flip(call(invitations, operation)))
          assert.deepInclude<object>(error, { _tag: "ConnectionError", operation, reason })
          assert.include(error.message, "was not sent")
          assert.deepStrictEqual(seen.map((request) => request.operation), [operation, operation, operation])
        }))
    }

    it.effect(`${operation} succeeds at the third attempt: connection refused twice`, () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* stub.service(reactFirst(2, operation, { code: "ECONNREFUSED" }))
        yield* runStubWithClock(call(invitations, operation))
        assert.lengthOf(seen, 3)
      }))
  }

  for (const [name, client] of clients) {
    for (const operation of ["list", "create"] as const) {
      it.scoped(`${operation} over ${name} fails with ConnectionError Refused if no server listens on the port`, () =>
        Effect.gen(function*() {
          const port = yield* raw.closedPort
          const { invitations } = yield* overRaw([], { apiUrl: `http://127.0.0.1:${port}` }, client)
          const error = yield* runWithClock(Effect.flip(call(invitations, operation)))
          assert.instanceOf(error, ConnectionError)
          assert.deepInclude(error, { operation, reason: "Refused" })
          assert.strictEqual(Option.getOrUndefined(error.code), "ECONNREFUSED")
        }))
    }
  }

  for (const operation of writes) {
    it.effect(`${operation} has an unknown outcome after an error that may occur once the request is sent`, () =>
      Effect.gen(function*() {
        const { invitations } = yield* stub.service(
          reactAlways(operation, { code: "ETIMEDOUT", syscall: "read" }),
          { retry: "none" }
        )
        const error = ambiguousWrite(yield* runStubWithClock(Effect.flip(call(invitations, operation))))
        assert.deepInclude<object>(error.lastFailure, { _tag: "ConnectionError", reason: "Lost" })
      }))
  }
})
