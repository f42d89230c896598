import { ConnectionError } from "@effect-clerk/core/InvitationError"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { runStubWithClock } from "../utils/clock.js"
import * as stub from "../utils/stub.js"
import { ambiguousWrite, listOverStub, reactAlways } from "../utils/stubbedCalls.js"
import { call, operations } from "../utils/wire.js"

const local: ReadonlyArray<{ readonly code: string; readonly syscall?: string }> = [
  { code: "EMFILE", syscall: "connect" },
  { code: "EMFILE", syscall: "getaddrinfo" },
  { code: "EMFILE" },
  { code: "ENFILE", syscall: "socket" },
  { code: "EADDRNOTAVAIL", syscall: "connect" },
  { code: "EADDRNOTAVAIL", syscall: "bind" },
  { code: "ENOMEM", syscall: "connect" },
  { code: "ENOMEM", syscall: "getaddrinfo" },
  { code: "ENOBUFS", syscall: "connect" }
]

describe("a failure of this machine", () => {
  for (const reaction of local) {
    for (const operation of operations) {
      it.effect(`${operation} was not sent: ${reaction.code} of ${reaction.syscall ?? "no system call"}`, () =>
        Effect.gen(function*() {
          const { invitations, seen } = yield* stub.service(reactAlways(operation, reaction))
          const error = yield* runStubWithClock(Effect.flip(call(invitations, operation)))
          assert.instanceOf(error, ConnectionError)
          assert.strictEqual(error.reason, "Local")
          assert.strictEqual(Option.getOrUndefined(error.code), reaction.code)
          assert.include(error.message, "was not sent: this machine")
          assert.deepStrictEqual(seen.map((request) => request.operation), [operation, operation, operation])
        }))
    }
  }

  for (const syscall of ["read", "write", undefined]) {
    it.effect(`ENOMEM of ${syscall ?? "no system call"} may occur once the request is sent`, () =>
      Effect.gen(function*() {
        const reaction = { code: "ENOMEM", ...(syscall === undefined ? {} : { syscall }) }
        const { invitations } = yield* stub.service(reactAlways("create", reaction), { retry: "none" })
        const error = ambiguousWrite(yield* runStubWithClock(Effect.flip(call(invitations, "create"))))
        assert.deepInclude<object>(error.lastFailure, { _tag: "ConnectionError", reason: "Lost" })
      }))
  }
})

/** The reason and the code of the error of a connection that fails with `code`. */
const failingWith = (code: string) =>
  Effect.gen(function*() {
    const { error } = yield* listOverStub(() => ({ code }), { retry: "none" })
    assert.instanceOf(error, ConnectionError)
    return [error.reason, Option.getOrUndefined(error.code)]
  })

describe("the code of a failed connection", () => {
  for (const code of ["constructor", "toString", "__proto__", "hasOwnProperty", "valueOf"]) {
    it.effect(`may be the name of a property of every object: ${code}`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* failingWith(code), ["Lost", undefined])
      }))
  }

  for (const code of ["UND_ERR_SOCKET", "ECONNRESET", "ConnectionClosed", "HPE_INVALID_CONSTANT"]) {
    it.effect(`is echoed if it is a constant or a name: ${code}`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* failingWith(code), ["Lost", code])
      }))
  }

  for (const code of ["sk_test_4242deadbeef4242", "ada@example.com", "tkt_1234", "E".repeat(49), "two words", ""]) {
    it.effect(`is not echoed if it has another form: ${JSON.stringify(code)}`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* failingWith(code), ["Lost", undefined])
      }))
  }
})
