import type { InviteProgress } from "@effect-clerk/core"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Fiber, Option, TestClock } from "effect"
import { PassThrough, Writable } from "node:stream"
import * as Progress from "../../cli/invite/progress.js"
import { exitCodes, fromError } from "../../cli/terminal/exitCode.js"
import { json } from "../../cli/terminal/render.js"
import { ask, makeSink } from "../../cli/terminal/stdio.js"
import { escapeControlChars } from "../../cli/terminal/terminalText.js"
import { captureOutput } from "./utils.js"

const at = (done: number): InviteProgress.InviteProgress => ({
  done,
  byKind: { Created: done, AlreadyInvited: 0, UserExists: 0, Rejected: 0, Unknown: 0, NotAttempted: 0, Repeated: 0 },
  elapsed: Duration.hours(1),
  ratePerHour: done,
  remaining: Option.some(1000 - done),
  estimatedEnd: Option.some(DateTime.unsafeMake("2026-11-24T14:05:59Z"))
})

describe("progress", () => {
  it.effect("prints a line every ten seconds, and one at the end", () =>
    Effect.gen(function*() {
      const { layer, written } = yield* captureOutput
      const printProgress = Progress.makePrinter(1000)
      yield* Effect.gen(function*() {
        yield* printProgress(at(1))
        yield* printProgress(at(2))
        yield* TestClock.adjust("10 seconds")
        yield* printProgress(at(3))
        yield* printProgress(at(1000))
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(written.stderr.split(/(?<=\n)/), [
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

  const end = (code: string) => Effect.map(Effect.flip(makeSink(failing(code)).write("some")), fromError)

  it.effect("exits with 0 if the reader closed the pipe", () =>
    Effect.gen(function*() {
      const { code, message } = yield* end("EPIPE")
      assert.strictEqual(code, exitCodes.ok)
      assert.strictEqual(message, "")
    }))

  it.effect("exits with 4 if the disk is full", () =>
    Effect.gen(function*() {
      const { code, message } = yield* end("ENOSPC")
      assert.strictEqual(code, exitCodes.partial)
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

  it.live("does not read the input after an interruption", () =>
    Effect.gen(function*() {
      const { fiber, input } = yield* question
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(input.listenerCount("data"), 0)
    }))
})

describe("text from other users", () => {
  it("cannot control the terminal", () => {
    const evil = "a\u001b[2Jb\u009b31mc\u202ed\u2028"
    assert.strictEqual(escapeControlChars("a\u001b[2Jb\u009b31mc\u202ed"), "a\\u001b[2Jb\\u009b31mc\\u202ed")

    assert.notMatch(json({ evil }), /[\u0000-\u001f\u007f-\u009f\u2028]/)
    assert.deepStrictEqual(JSON.parse(json({ evil })), { evil })
  })
})
