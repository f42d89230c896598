import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { chaos } from "../src/chaos/run.js"

describe("chaos", () => {
  it.live(
    "every result agrees with the store, no operation hangs, and no fiber or connection remains",
    () =>
      Effect.gen(function*() {
        const { faults, outcomes, violations } = yield* chaos({ operations: 400, seed: 11 })
        assert.deepStrictEqual(violations, [])
        // A run without faults, or without successes, would prove nothing.
        assert.isTrue(faults.reduce((sum, [, count]) => sum + count, 0) > 100)
        assert.isTrue(outcomes.some(([name, count]) => name === "create: ok" && count > 50))
        assert.isFalse(outcomes.some(([name]) => name.includes("Defect")))
      }),
    90_000
  )
})
