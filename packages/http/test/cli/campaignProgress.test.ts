import { Campaign } from "@effect-clerk/http/InviteCampaign"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Option, TestClock } from "effect"
import { makeReporter } from "../../cli/campaign/progress.js"
import { Stdio } from "../../cli/terminal/stdio.js"

const campaign = (done: number) =>
  new Campaign({
    id: "spring",
    state: done === 10 ? "completed" : "running",
    total: 10,
    counts: {
      pending: 10 - done,
      sending: 0,
      Created: done,
      AlreadyInvited: 0,
      UserExists: 0,
      Rejected: 0,
      Unknown: 0,
      Repeated: 0
    },
    done,
    remaining: 10 - done,
    ratePerHour: 350,
    createdAt: DateTime.unsafeMake(0),
    startedAt: Option.none(),
    endedAt: Option.none(),
    nextSliceAt: Option.none(),
    estimatedEnd: Option.none(),
    stalledSince: Option.none(),
    stalledReason: Option.none(),
    problem: Option.none()
  })

// Reports campaigns five seconds apart, and returns what was written.
const report = (options: { readonly json: boolean; readonly isTerminal: boolean }, done: ReadonlyArray<number>) =>
  Effect.gen(function*() {
    const written = { stdout: "", stderr: "" }
    const sink = (stream: keyof typeof written) => ({
      isTerminal: options.isTerminal,
      write: (text: string) =>
        Effect.sync(() => {
          written[stream] += text
        })
    })
    yield* Effect.gen(function*() {
      const reporter = yield* makeReporter(options)
      for (const each of done) {
        yield* each === 10 ? reporter.stopped(campaign(each)) : reporter.running(campaign(each))
        yield* TestClock.adjust("5 seconds")
      }
    }).pipe(Effect.provideService(Stdio, {
      stdinIsTerminal: false,
      ask: () => Effect.dieMessage("asked"),
      stdout: sink("stdout"),
      stderr: sink("stderr")
    }))
    return written
  })

describe("the progress of campaigns", () => {
  it.effect("is a bar in a terminal, which the result replaces", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* report({ json: false, isTerminal: true }, [0, 5, 10]), {
        stdout: "",
        stderr: "\r\u001b[Kspring [----------] 0 of 10" +
          "\r\u001b[Kspring [#####-----] 5 of 10, 350 an hour" +
          "\r\u001b[Kspring  completed  10 of 10\n10 invited\n"
      })
    }))

  it.effect("is a line every ten seconds elsewhere, if something has changed", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* report({ json: false, isTerminal: false }, [0, 1, 2, 2, 2, 2, 10]), {
        stdout: "",
        stderr: [
          "spring  running  0 of 10",
          "spring  running  2 of 10, 350 an hour",
          "spring  completed  10 of 10",
          "10 invited",
          ""
        ].join("\n")
      })
    }))

  it.effect("is a JSON object for each change", () =>
    Effect.gen(function*() {
      const { stderr, stdout } = yield* report({ json: true, isTerminal: true }, [0, 0, 5, 10])
      assert.strictEqual(stderr, "")
      assert.deepStrictEqual(Array.from(stdout.matchAll(/"done":(\d+)/g), ([, done]) => done), ["0", "5", "10"])
    }))
})
