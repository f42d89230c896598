import type { InviteProgress } from "@effect-clerk/core"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Fiber, Option, TestClock } from "effect"
import { PassThrough, Writable } from "node:stream"
import { ask } from "../../cli/confirm.js"
import { exitCodes, ofError } from "../../cli/exitCode.js"
import { json, stripControlChars, write } from "../../cli/output.js"
import * as progress from "../../cli/progress.js"

const at = (done: number): InviteProgress.InviteProgress => ({
  done,
  byKind: { Created: done, AlreadyInvited: 0, UserExists: 0, Rejected: 0, Unknown: 0, Repeated: 0 },
  elapsed: Duration.hours(1),
  ratePerHour: done,
  remaining: Option.some(1000 - done),
  estimatedEnd: Option.some(DateTime.unsafeMake("2026-11-24T14:05:59Z"))
})

// Erases the line, and goes to its beginning.
const wiped = "\u001b[0m\u001b[2K\u001b[0m\u001b[0m\u001b[G\u001b[0m"

const makeOutput = (isTTY: boolean) => {
  const written: Array<string> = []
  return { written, output: { isTTY, columns: 60, write: (text: string) => written.push(text) } }
}

describe("progress", () => {
  it.effect("is a bar on a terminal, drawn again in its place and no wider than that", () =>
    Effect.gen(function*() {
      const { output, written } = makeOutput(true)
      const { clear, update } = progress.make(output, 1000)
      yield* update(at(250))
      yield* update(at(1000))
      yield* clear
      const lines = written.map((text) => text.replace(wiped, ""))
      assert.isTrue(written.every((text) => text.startsWith(wiped)))
      assert.match(lines[0] ?? "", /^\[#{6}-{18}\] 25 %, 250 of 1000, 250 an hour, /)
      assert.match(lines[1] ?? "", /^\[#{24}\] 100 %, 1000 of 1000/)
      assert.strictEqual(lines[2], "")
      for (const line of lines) assert.isBelow(line.length, 60)
    }))

  it.effect("is a line every ten seconds elsewhere, and one at the end", () =>
    Effect.gen(function*() {
      const { output, written } = makeOutput(false)
      const { update } = progress.make(output, 1000)
      yield* update(at(1))
      yield* update(at(2))
      yield* TestClock.adjust("10 seconds")
      yield* update(at(3))
      yield* update(at(1000))
      assert.deepStrictEqual(written, [
        "1 of 1000, 1 an hour, ends about 2026-11-24T14:05Z\n",
        "3 of 1000, 3 an hour, ends about 2026-11-24T14:05Z\n",
        "1000 of 1000, 1000 an hour, ends about 2026-11-24T14:05Z\n"
      ])
    }))
})

describe("output that fails", () => {
  const failing = (code: string) =>
    new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error("no"), { code })) })
      .on("error", () => {})

  const end = (code: string) => Effect.map(Effect.flip(write(failing(code))("some")), ofError)

  it.effect("is no failure where the reader has gone", () =>
    Effect.gen(function*() {
      const { code, message } = yield* end("EPIPE")
      assert.strictEqual(code, exitCodes.ok)
      assert.strictEqual(message, "")
    }))

  it.effect("is one where the disk is full", () =>
    Effect.gen(function*() {
      const { code, message } = yield* end("ENOSPC")
      assert.strictEqual(code, exitCodes.partly)
      assert.strictEqual(message, "The output cannot be written: ENOSPC")
    }))
})

describe("a question", () => {
  const question = Effect.sync(() => {
    const input = new PassThrough()
    const output = new PassThrough()
    return { input, output, fiber: Effect.runFork(ask("Sure? ", input, output)) }
  })

  it.live("is answered by the first line", () =>
    Effect.gen(function*() {
      const { fiber, input, output } = yield* question
      input.write("yes\nno\n")
      assert.strictEqual(yield* Fiber.join(fiber), "yes")
      assert.strictEqual(String(output.read()), "Sure? ")
    }))

  it.live("is not answered by the end of the input", () =>
    Effect.gen(function*() {
      const { fiber, input } = yield* question
      input.end()
      assert.strictEqual(yield* Fiber.join(fiber), "")
    }))

  it.live("is left alone when it is interrupted", () =>
    Effect.gen(function*() {
      const { fiber, input } = yield* question
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(input.listenerCount("data"), 0)
    }))
})

describe("what others wrote", () => {
  it("does not steer the terminal", () => {
    const evil = "a\u001b[2Jb\u009b31mc\u202ed\u2028"
    assert.strictEqual(stripControlChars("a\u001b[2Jb\u009b31mc\u202ed"), "a\ufffd[2Jb\ufffd31mc\ufffdd")

    assert.notMatch(json({ evil }), /[\u0000-\u001f\u007f-\u009f\u2028]/)
    assert.deepStrictEqual(JSON.parse(json({ evil })), { evil })
  })
})
