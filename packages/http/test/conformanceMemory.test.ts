import { InvitationsMemory } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { build } from "esbuild"
import { fileURLToPath } from "node:url"
import type { Environment } from "./conformance/index.js"
import { runStubWithClock } from "./utils/clock.js"
import { conformance, inspectOnNode } from "./utils/conformance.js"

const memory: Environment = { layer: InvitationsMemory.layer, runWithClock: runStubWithClock, inspect: inspectOnNode }

describe("memory", () => {
  conformance(memory, { stream: memory, streamRuns: 80, inviteManyRuns: 40, typedMetadataRuns: 20 })
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
