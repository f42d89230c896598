import * as http from "@effect-clerk/http"
import { Snapshot } from "@effect-clerk/http/Snapshot"
import { assert, describe, it } from "@effect/vitest"
import { build } from "esbuild"
import { fileURLToPath } from "node:url"

/** The modules that an import loads, with those that a bundler would remove afterwards. */
const loadedBy = async (path: string): Promise<ReadonlyArray<string>> => {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL(`../../src/${path}`, import.meta.url))],
    bundle: true,
    treeShaking: false,
    platform: "browser",
    format: "esm",
    metafile: true,
    write: false,
    logLevel: "error"
  })
  return Object.keys(metafile.inputs)
}

const isOfTheServer = (name: string): boolean =>
  /http\/src\/(?:ClerkApi|ClerkEmulator|EmulatorApi)\.ts|emulator\/(?:\w+Handlers|middleware|page|sameOrigin)/.test(
    name
  ) ||
  /platform\/.*\/(?:HttpApi\w*|HttpServer|OpenApi)\.js$/.test(name)

describe("@effect-clerk/http", () => {
  it("exports namespaces only, and none of the emulator's", () => {
    assert.sameMembers(Object.keys(http), [
      "ClerkMetrics",
      "ErrorFixture",
      "Fault",
      "InvitationFixture",
      "InvitationsControl",
      "InvitationsHttp",
      "InvitationsMemory",
      "InvitationsTenants",
      "RateLimiting",
      "RetryPolicy",
      "Snapshot",
      "Timeouts"
    ])
    assert.strictEqual(http.InvitationsControl.InvitationsControl.key, "@effect-clerk/http/InvitationsControl")
    assert.strictEqual(http.Snapshot.Snapshot, Snapshot)
  })

  it("loads the store of the in-memory layer, and neither handlers, nor the page, nor HttpApi", async () => {
    const modules = await loadedBy("index.ts")
    assert.isTrue(modules.some((name) => name.endsWith("internal/emulator/store.ts")))
    assert.deepStrictEqual(modules.filter(isOfTheServer), [])
  }, 60_000)

  it("the check recognizes the modules of the server", async () => {
    const modules = (await loadedBy("ClerkEmulator.ts")).filter(isOfTheServer)
    for (const name of ["clerkHandlers.ts", "page/script.ts", "EmulatorApi.ts", "HttpApi.js"]) {
      assert.isTrue(modules.some((module) => module.endsWith(name)), name)
    }
  }, 60_000)
})
