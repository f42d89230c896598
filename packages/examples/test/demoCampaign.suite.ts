import { NodeContext } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { run } from "./utils.js"

it.live("the demo of campaigns kills a worker, and everybody is invited exactly once", () =>
  Effect.gen(function*() {
    const { code, stderr, stdout } = yield* run("demo/campaign/main.ts", ["--people", "120"])
    assert.strictEqual(code, 0, stdout + stderr)
    assert.strictEqual(stderr, "")
    const lines = stdout.trimEnd().split("\n")
    assert.isTrue(lines.some((line) => line.startsWith("kill -9: worker 1 is dead. ")), stdout)
    assert.include(lines, "worker 2: found the campaign in the database")
    assert.deepStrictEqual(lines.slice(-4), [
      "worker 2: completed, 120 of 120 people done",
      "",
      "The outbox of the emulator has 120 e-mails to 120 addresses.",
      "Everybody was invited exactly once."
    ])
  }).pipe(Effect.provide(NodeContext.layer)), 60_000)
