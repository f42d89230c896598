import { InvitationsControl, InvitationsMemory } from "@effect-clerk/http"
import * as Fault from "@effect-clerk/http/Fault"
import { afterEach, assert, beforeEach, describe, it, vi } from "@effect/vitest"
import { Effect, Fiber, TestClock } from "effect"
import { program, verify } from "../src/demo/program.js"

const runProgram = Effect.gen(function*() {
  const fiber = yield* Effect.fork(program)
  yield* TestClock.adjust("10 seconds")
  return yield* Fiber.join(fiber)
})

describe("the program of the demo", () => {
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

  it.effect("sees what it must, in memory", () =>
    Effect.gen(function*() {
      const seen = yield* runProgram
      assert.strictEqual(seen["pending invitations streamed"], 1211)
      assert.strictEqual(seen["status by id"], "revoked")
    }).pipe(Effect.provide(InvitationsMemory.layer())))

  it.effect("prints a line a step, with the time it took by the clock", () =>
    Effect.gen(function*() {
      yield* runProgram
      assert.deepStrictEqual(printed.map((line) => line.slice(2, 26).trimEnd()), [
        "create",
        "create a duplicate",
        "create a bulk",
        "stream",
        "outwait a 429",
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

  it.effect("fails with what it saw in place of what it must see", () =>
    Effect.gen(function*() {
      const seen = yield* runProgram
      const error = yield* Effect.flip(verify({ ...seen, "size of the bulk": 9, "invitations for nobody": 1 }))
      assert.strictEqual(error._tag, "WrongResult")
      assert.strictEqual(error.message, "size of the bulk: 9 in place of 10; invitations for nobody: 1 in place of 0")
    }).pipe(Effect.provide(InvitationsMemory.layer())))

  it.effect("notices an invitation that was there before", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      yield* control.seed([{ emailAddress: "somebody@example.com" }])
      const error = yield* Effect.flip(runProgram)
      assert.strictEqual(error._tag, "WrongResult")
      assert.strictEqual(error.message, "pending invitations streamed: 1212 in place of 1211")
    }).pipe(Effect.provide(InvitationsMemory.layer())))

  it.effect("fails with the error of whatever fails", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      yield* control.failNext(Fault.Response.Status({ status: 500 }), { operation: "list" })
      const error = yield* Effect.flip(runProgram)
      assert.strictEqual(error._tag, "ServerError")
    }).pipe(Effect.provide(InvitationsMemory.layer())))
})
