/**
 * Packs the publishable packages and checks the tarballs, because pnpm rewrites the manifest while packing: what is published is
 * not what the workspace uses. Then installs them as a user would, in an empty project outside the workspace.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as campaigns from "./packages/campaigns.mjs"
import * as command from "./packages/command.mjs"
import * as consumer from "./packages/consumer.mjs"
import * as edge from "./packages/edge.mjs"
import * as installLines from "./packages/installLines.mjs"
import { report } from "./packages/process.mjs"
import * as tarball from "./packages/tarball.mjs"

const directory = mkdtempSync(join(tmpdir(), "effect-clerk-"))

try {
  const packages = ["core", "http"].map((name) => tarball.check(name, directory))
  const entrypoints = packages.flatMap(({ entrypoints }) => entrypoints)
  report("the tarballs are complete; publint and attw have nothing to say")

  consumer.install(directory, packages)
  report("installed beside its peers, in an empty project")

  consumer.typeCheck(directory, entrypoints)
  report("the types of every entry point resolve under nodenext and bundler")

  consumer.run(directory, entrypoints)
  report(`two programs run on Node ${process.versions.node}`)

  const lowest = join(directory, "lowest")
  consumer.install(lowest, packages, consumer.lowest)
  consumer.typeCheck(lowest, entrypoints)
  consumer.run(lowest, entrypoints)
  const tests = await consumer.runSuites(lowest)
  const versions = Object.entries(consumer.lowest).slice(0, 3).map(([name, version]) => `${name} ${version}`).join(", ")
  report(`types, programs and ${tests} tests pass with the lowest peers: ${versions}`)

  const bytes = await command.runAlone(directory, packages.find(({ manifest }) => manifest.bin !== undefined))
  report(`effect-clerk runs without any other package, and has ${(bytes / 1e6).toFixed(2)} MB`)
  await command.runThroughNpx(directory, packages)
  report("create, invite, list, export and the emulator run through npx")

  campaigns.run(join(directory, "campaigns"), packages)
  campaigns.run(join(directory, "campaigns-lowest"), packages, consumer.lowest)
  report("a campaign runs in memory without @effect/sql, and in a file with libsql; also with the lowest peers")

  const lines = installLines.run(directory, packages)
  report(`the ${lines} install lines of the READMEs run with npm and pnpm, without a warning`)

  const size = await edge.checkModules(directory)
  report(`no Node module among the ${size} of a bundle of everything`)

  await edge.run(directory)
  report("a create runs in an edge runtime")
} finally {
  rmSync(directory, { recursive: true, force: true })
}
