import { InvitationsMemory } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { build } from "esbuild"
import { fileURLToPath } from "node:url"
import { format, inspect } from "node:util"
import type { Environment, Runner } from "./conformance/index.js"
import { suites } from "./conformance/index.js"
import * as properties from "./properties/index.js"
import { runStubWithClock, runWithClock } from "./utils/clock.js"
import * as emulator from "./utils/emulator.js"

const inspectOnNode = (value: unknown): ReadonlyArray<string> => [
  inspect(value, { depth: null, showHidden: true }),
  format("%s %o %j", value, value, value)
]

const memory: Environment = { layer: InvitationsMemory.layer, runWithClock: runStubWithClock, inspect: inspectOnNode }

const http: Environment = {
  layer: (options) => emulator.layer({ emulator: options }),
  runWithClock,
  inspect: inspectOnNode
}

// The stream properties move the clock by days while requests are in flight.
const timeout = { attempt: "3650 days", total: "3650 days" } as const

const httpWithoutTimeout: Environment = { ...http, layer: () => emulator.layer({ client: { timeout } }) }

const run: Runner = (name, test) => {
  it.live(name, () => test)
}

describe.each(
  [
    ["memory", memory, { stream: memory, streamRuns: 80, inviteManyRuns: 40 }],
    ["http", http, { stream: httpWithoutTimeout, streamRuns: 25, inviteManyRuns: 15 }]
  ] as const
)("%s", (_, environment, { inviteManyRuns, stream, streamRuns }) => {
  for (const [name, suite] of Object.entries(suites)) {
    describe(name, () => {
      suite(run, environment)
    })
  }
  describe("the properties of stream", () => {
    properties.stream(run, stream, streamRuns)
  })
  describe("the properties of inviteMany", () => {
    properties.inviteMany(run, environment, inviteManyRuns)
  })
})

describe("the suites", () => {
  // esbuild fails on the platform "neutral" if a module imports `node:…` or a package that it cannot bundle.
  it("are bundled into one file that imports nothing", async () => {
    const { outputFiles, metafile } = await build({
      entryPoints: [fileURLToPath(new URL("conformance/index.ts", import.meta.url))],
      bundle: true,
      platform: "neutral",
      mainFields: ["module", "main"],
      format: "esm",
      metafile: true,
      write: false,
      logLevel: "silent"
    })
    const [output, ...others] = outputFiles
    assert.deepStrictEqual(others, [])
    assert.notMatch(output?.text ?? "", /(?:from|import|require)\s*\(?\s*["']node:/)
    assert.deepStrictEqual(Object.values(metafile.outputs).flatMap(({ imports }) => imports), [])
    const modules = Object.keys(metafile.inputs)
    assert.isTrue(modules.some((name) => name.endsWith("test/conformance/writeSafety.ts")))
    assert.deepStrictEqual(modules.filter((name) => /\/(?:vitest|chai|@effect\/vitest)\//.test(name)), [])
  }, 60_000)
})
