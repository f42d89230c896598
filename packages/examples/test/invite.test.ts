import { RateLimits } from "@effect-clerk/core"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { play } from "../bench/invite/scenario.js"
import * as ways from "../bench/invite/ways.js"

const count = 400

/** About a third of Clerk's limits, so that 400 addresses take several windows. */
const limits: RateLimits.RateLimits = {
  ...RateLimits.production,
  create: { limit: 30, window: Duration.hours(1) },
  createBulk: { limit: 8, window: Duration.hours(1) }
}

const sum = (counts: ReadonlyMap<string, number>): number => Array.from(counts.values()).reduce((a, b) => a + b, 0)

describe("inviteMany in virtual time", () => {
  it.live.each([true, false])(
    "takes at most 2 % longer than the rate limits require (countRejected: %s)",
    (countRejected) =>
      Effect.gen(function*() {
        const report = yield* play(ways.inviteMany, {
          count,
          seed: 7,
          countRejected,
          rateLimit: { limits },
          limits
        })
        const kind = (name: string): number => report.outcomes.get(name) ?? 0
        assert.isAtMost(Duration.toMillis(report.took), 1.02 * Duration.toMillis(report.best))
        // A job that fits into one window would prove nothing.
        assert.isAtLeast(Duration.toHours(report.best), 2)
        assert.strictEqual(sum(report.outcomes), count)
        assert.strictEqual(report.twice, 0)
        assert.strictEqual(kind("Rejected"), Math.ceil(count * 0.005))
        assert.strictEqual(kind("Repeated"), 0)
        // An address with the outcome Unknown may have an invitation.
        const created = report.pending - count * 0.03
        assert.isAtLeast(created, kind("Created"))
        assert.isAtMost(created, kind("Created") + kind("Unknown"))
        assert.isAtLeast(kind("AlreadyInvited"), count * 0.03)
        assert.isAtMost(kind("AlreadyInvited"), count * 0.03 + kind("Unknown"))
        assert.isAtMost(kind("UserExists"), count * 0.01)
        assert.isAtLeast(kind("UserExists") + kind("Unknown"), count * 0.01)
        assert.deepStrictEqual(Array.from(report.answers.keys()).filter((answer) => answer.endsWith(" 429")), [])
      }),
    120_000
  )
})
