import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { run } from "./utils.js"

describe("chaos:campaign", () => {
  it.live("invites everybody exactly once, although its process is killed three times", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* run(
        "chaos/campaign/main.ts",
        ["--people", "1100", "--kills", "3", "--seed", "3"]
      )
      assert.strictEqual(code, 0, stdout + stderr)
      assert.match(stdout, / 3 kills, 0 faults, 1012 invitations, 0 violations\.\n$/)
    }).pipe(Effect.provide(NodeContext.layer)), 90_000)
})
