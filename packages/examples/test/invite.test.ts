import { InviteProgress, RateLimits } from "@effect-clerk/core"
import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Duration, Effect } from "effect"
import { play } from "../bench/invite/scenario.js"
import * as ways from "../bench/invite/ways.js"

const count = 1000

const sum = (counts: ReadonlyMap<string, number>): number => Array.from(counts.values()).reduce((a, b) => a + b, 0)

describe("a long job in virtual time", () => {
  it.live.each([true, false])(
    "takes as long as the limits make it, to within 2 % (a rejected call counts: %s)",
    (countRejected) =>
      Effect.gen(function*() {
        const report = yield* play(ways.inviteMany, { count, seed: 7, countRejected, rateLimit: "clerk" })
        const kind = (name: string): number => report.outcomes.get(name) ?? 0
        assertTrue(Duration.toMillis(report.took) <= 1.02 * Duration.toMillis(report.best))
        // Somebody had to wait: a job that fits into one window would prove nothing.
        assertTrue(Duration.toHours(report.best) >= 2)
        strictEqual(sum(report.outcomes), count)
        strictEqual(report.twice, 0)
        strictEqual(kind("Rejected"), count * 0.005)
        strictEqual(kind("Repeated"), 0)
        // What is unknown may have been created, and nothing else may.
        const created = report.pending - count * 0.03
        assertTrue(created >= kind("Created") && created <= kind("Created") + kind("Unknown"))
        // Where everybody has an outcome that is known, they are the ones that the list was made of.
        assertTrue(kind("AlreadyInvited") >= count * 0.03 && kind("AlreadyInvited") <= count * 0.03 + kind("Unknown"))
        assertTrue(kind("UserExists") <= count * 0.01 && kind("UserExists") + kind("Unknown") >= count * 0.01)
        deepStrictEqual(Array.from(report.answers.keys()).filter((answer) => answer.endsWith(" 429")), [])
      }),
    120_000
  )

  it.live("is far behind with a loop of either kind", () =>
    Effect.gen(function*() {
      const best = Duration.toMillis(InviteProgress.estimate({ count, limits: RateLimits.production }))
      for (const way of [ways.bulkOnly, ways.naive]) {
        const { took } = yield* play(way, { count, seed: 7, countRejected: true, rateLimit: "off" })
        assertTrue(Duration.toMillis(took) > 1.3 * best)
      }
    }), 120_000)
})
