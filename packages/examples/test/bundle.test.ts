import { assert, describe, it } from "@effect/vitest"
import { build } from "esbuild"
import { fileURLToPath } from "node:url"

/** The modules that contribute code to the bundle of a program. */
const bundled = async (contents: string): Promise<ReadonlyArray<string>> => {
  const { metafile } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    bundle: true,
    platform: "browser",
    format: "esm",
    metafile: true,
    write: false,
    logLevel: "error"
  })
  return Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([name, { bytesInOutput }]) => bytesInOutput > 0 ? [name] : [])
  )
}

const ofTheEmulator = /http\/src\/(?:ClerkEmulator|EmulatorApi|internal\/emulator\/)|HttpApiSwagger|HttpApiScalar/

const ofCampaigns = /http\/src\/(?:InviteCampaign\w*|internal\/campaign\/.*)\.ts|@effect\/sql/

describe("the bundle", () => {
  it("of a program that uses both packages, without campaigns, contains no part of them", async () => {
    const modules = await bundled(
      "import * as core from \"@effect-clerk/core\"\nimport * as http from \"@effect-clerk/http\"\nconsole.log(core, http)"
    )
    assert.isTrue(modules.some((name) => name.endsWith("InvitationsHttp.ts")))
    assert.deepStrictEqual(modules.filter((name) => ofCampaigns.test(name)), [])
  }, 60_000)

  it("of a program with campaigns in memory contains no part of @effect/sql", async () => {
    const modules = await bundled(
      "import * as InviteCampaigns from \"@effect-clerk/http/InviteCampaigns\"\nconsole.log(InviteCampaigns.layerMemory)"
    )
    assert.deepStrictEqual(modules.filter((name) => name.includes("@effect/sql")), [])
    assert.isTrue(modules.some((name) => ofCampaigns.test(name)))
  }, 60_000)

  it("of a program that calls Clerk contains no part of the emulator", async () => {
    const modules = await bundled(
      "import { InvitationsHttp } from \"@effect-clerk/http\"\nconsole.log(InvitationsHttp.layer)"
    )
    assert.isTrue(modules.some((name) => name.endsWith("InvitationsHttp.ts")))
    assert.deepStrictEqual(modules.filter((name) => ofTheEmulator.test(name)), [])
  }, 60_000)

  it("of the page of the web application contains no code of its server", async () => {
    const modules = await bundled(
      "import { explain, make } from \"../src/recipes/webApplication/client.js\"\nconsole.log(explain, make)"
    )
    assert.isTrue(modules.some((name) => name.endsWith("core/src/Invitation.ts")))
    const ofTheServer = /packages\/http\/|core\/src\/InvitationsService|webApplication\/(?:answers|application|local)/
    assert.deepStrictEqual(modules.filter((name) => ofTheServer.test(name)), [])
  }, 60_000)

  it("of a program in memory contains no page", async () => {
    const modules = await bundled(
      "import { InvitationsMemory } from \"@effect-clerk/http\"\nconsole.log(InvitationsMemory.layer)"
    )
    assert.isTrue(modules.some((name) => name.endsWith("internal/emulator/store.ts")))
    assert.deepStrictEqual(modules.filter((name) => /internal\/emulator\/page|EmulatorApi|Swagger/.test(name)), [])
  }, 60_000)

  it("of the emulator contains the page", async () => {
    const modules = await bundled(
      "import * as ClerkEmulator from \"@effect-clerk/http/ClerkEmulator\"\nconsole.log(ClerkEmulator.layer)"
    )
    assert.isTrue(modules.some((name) => name.endsWith("internal/emulator/page/script.ts")))
  }, 60_000)
})
