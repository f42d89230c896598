import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, readdirSync } from "node:fs"
import { run } from "./utils.js"

const installations = "/usr/lib/postgresql"

// The server of POSTGRES_URL must not be stopped: the run starts one of its own.
const hasPostgres = existsSync(installations) &&
  readdirSync(installations).some((version) => existsSync(`${installations}/${version}/bin/initdb`))

if (!hasPostgres) console.log("The test of campaigns under faults is skipped: the package postgresql is not installed")

describe.skipIf(!hasPostgres)("chaos:campaign:faults", () => {
  it.live(
    "three processes on one Postgres invite everybody exactly once, over three times kill -9 and an outage of 8 seconds",
    () =>
      Effect.gen(function*() {
        const { code, stderr, stdout } = yield* run(
          "chaos/campaign/faults/main.ts",
          ["--fault", "mixed", "--repeat", "4", "--people", "200", "--short"]
        )
        assert.strictEqual(code, 0, stdout + stderr)
        assert.match(stdout, /\| 400 \| 4 \| 0 \| [\d.]+ \| [\d.]+ \| 0 \|\n$/)
      }).pipe(Effect.provide(NodeContext.layer)),
    120_000
  )
})
