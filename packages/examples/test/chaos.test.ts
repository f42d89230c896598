import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { run } from "./utils.js"

describe("chaos", () => {
  it.live(
    "every result agrees with the store, no operation hangs, and no fiber or connection remains",
    () =>
      Effect.gen(function*() {
        // The run measures the heap and counts fibers and connections, so it needs a process of its own.
        const { code, stderr, stdout } = yield* run("chaos/main.ts", ["--operations", "250", "--seed", "11"])
        assert.strictEqual(code, 0, stdout + stderr)
        assert.match(stdout, / 0 violations\.\n$/)
        // A run without faults, or without successes, would prove nothing.
        assert.isAbove(Number(/(\d+) faults injected/.exec(stdout)?.[1]), 100)
        assert.isAbove(Number(/(\d+) {2}create: ok/.exec(stdout)?.[1]), 50)
        assert.notInclude(stdout, "Defect")
      }).pipe(Effect.provide(NodeContext.layer)),
    90_000
  )
})
