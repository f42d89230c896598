// Run it with: npx -y pnpm@10 bench:invite (--count 1000 for a shorter run)
import { InviteProgress, RateLimits } from "@effect-clerk/core"
import { Duration, Effect } from "effect"
import { parseArgs } from "node:util"
import type { Scenario } from "./invite/scenario.js"
import { play } from "./invite/scenario.js"
import type { Way } from "./invite/ways.js"
import * as ways from "./invite/ways.js"

const { values } = parseArgs({
  // Some package managers pass on the `--` that ends their own options.
  args: process.argv.slice(2).filter((arg, index) => index !== 0 || arg !== "--"),
  options: {
    count: { type: "string", default: "10000" },
    seed: { type: "string", default: "7" },
    /** The one strategy to run. */
    only: { type: "string" }
  }
})

interface Contestant {
  readonly name: string
  readonly way: Way
  readonly rateLimit: Scenario["rateLimit"]
  /** The claim of the documents: the duration as a multiple of the best possible one. */
  readonly claim: (factor: number) => boolean
}

const contestants: ReadonlyArray<Contestant> = [
  { name: "inviteMany", way: ways.inviteMany, rateLimit: "clerk", claim: (factor) => factor <= 1.05 },
  { name: "bulk only", way: ways.bulkOnly, rateLimit: "off", claim: (factor) => factor > 1.3 },
  { name: "naive loop", way: ways.naive, rateLimit: "off", claim: (factor) => factor > 1.3 }
]

const hours = (duration: Duration.Duration): string => `${Duration.toHours(duration).toFixed(2)} h`

const table = (counts: ReadonlyMap<string, number>): string =>
  Array.from(counts).sort().map(([name, count]) => `${name} ${count}`).join(", ")

const program = Effect.gen(function*() {
  for (const countRejected of [true, false]) {
    console.log(`\n${values.count} addresses, a rejected call ${countRejected ? "counts" : "does not count"}`)
    for (const { claim, name, rateLimit, way } of contestants) {
      if (values.only !== undefined && values.only !== name) continue
      const started = performance.now()
      const report = yield* play(way, {
        count: Number(values.count),
        seed: Number(values.seed),
        countRejected,
        rateLimit
      })
      const over = Duration.toMillis(report.took) / Duration.toMillis(report.best) - 1
      // The loops are compared with the best duration of the whole list, which does not depend on their own calls.
      const best = InviteProgress.estimate({ count: Number(values.count), limits: RateLimits.production })
      const factor = way === ways.inviteMany
        ? 1 + over
        : Duration.toMillis(report.took) / Duration.toMillis(best)
      console.log(
        `${name.padEnd(12)} ${hours(report.took)}; best for the calls it had to make ${hours(report.best)} (${
          (100 * over).toFixed(2)
        } % over)`
      )
      console.log(`  outcomes: ${table(report.outcomes)}`)
      console.log(`  answers: ${table(report.answers)}`)
      if (!claim(factor)) {
        console.log(`  FAILED: ${factor.toFixed(2)} times the best duration`)
        process.exitCode = 1
      }
      console.log(`  ${report.twice} invited twice; played in ${((performance.now() - started) / 1000).toFixed(1)} s`)
    }
  }
})

await Effect.runPromise(program)
