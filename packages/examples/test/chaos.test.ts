import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Effect } from "effect"
import { chaos } from "../src/chaos/run.js"

describe("chaos", () => {
  it.live("tells nobody a lie, hangs nowhere and leaves nothing behind", () =>
    Effect.gen(function*() {
      const { faults, outcomes, violations } = yield* chaos({ operations: 400, seed: 11 })
      deepStrictEqual(violations, [])
      // A run in which nothing went wrong, or nothing went well, would prove nothing.
      assertTrue(faults.reduce((sum, [, count]) => sum + count, 0) > 100)
      assertTrue(outcomes.some(([name, count]) => name === "create: ok" && count > 50))
      strictEqual(outcomes.some(([name]) => name.includes("Defect")), false)
    }), 90_000)
})
