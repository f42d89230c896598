import { InvitationsMemory } from "@effect-clerk/http"
import * as Fault from "@effect-clerk/http/Fault"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { afterEach, assert, beforeEach, describe, it, vi } from "@effect/vitest"
import { Effect, Fiber, TestClock } from "effect"
import { program, verify } from "../src/demo/program.js"

const runProgram = Effect.gen(function*() {
  const fiber = yield* Effect.fork(program)
  yield* TestClock.adjust("10 seconds")
  return yield* Fiber.join(fiber)
})

describe("the demo program", () => {
  const printed: Array<string> = []

  beforeEach(() => {
    printed.length = 0
    vi.spyOn(console, "log").mockImplementation((line: string) => {
      printed.push(line)
    })
  })

  afterEach(() => {
    vi.restoreAllMocks()
  })

  it.effect("returns the expected results in memory", () =>
    Effect.gen(function*() {
      const results = yield* runProgram
      assert.strictEqual(results["pending invitations streamed"], 1211)
      assert.strictEqual(results["status by id"], "revoked")
    }).pipe(Effect.provide(InvitationsMemory.layer())))

  it.effect("prints one line for each step with its duration", () =>
    Effect.gen(function*() {
      yield* runProgram
      assert.deepStrictEqual(printed.map((line) => line.slice(2, 26).trimEnd()), [
        "create",
        "create a duplicate",
        "create a bulk",
        "stream",
        "retry after a 429",
        "revoke",
        "revoke again",
        "find",
        "ensure"
      ])
      assert.strictEqual(new Set(printed.map(({ length }) => length)).size, 1)
      assert.deepStrictEqual(printed.map((line) => line.slice(-10).trim()).filter((time) => time !== "0.0 ms"), [
        "1.00 s"
      ])
    }).pipe(Effect.provide(InvitationsMemory.layer())))

  it.effect("fails with the received and the expected results", () =>
    Effect.gen(function*() {
      const results = yield* runProgram
      const error = yield* Effect.flip(
        verify({ ...results, "size of the bulk": 9, "invitations of an unknown address": 1 })
      )
      assert.strictEqual(error._tag, "WrongResult")
      assert.strictEqual(
        error.message,
        "size of the bulk: 9, expected 10; invitations of an unknown address: 1, expected 0"
      )
    }).pipe(Effect.provide(InvitationsMemory.layer())))

  it.effect("fails if an invitation existed before", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      yield* control.seed([{ emailAddress: "existing@example.com" }])
      const error = yield* Effect.flip(runProgram)
      assert.strictEqual(error._tag, "WrongResult")
      assert.strictEqual(error.message, "pending invitations streamed: 1212, expected 1211")
    }).pipe(Effect.provide(InvitationsMemory.layer())))

  it.effect("fails with the error of a failed call", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      yield* control.failNext(Fault.Response.Status({ status: 500 }), { operation: "list" })
      const error = yield* Effect.flip(runProgram)
      assert.strictEqual(error._tag, "ServerError")
    }).pipe(Effect.provide(InvitationsMemory.layer())))
})
