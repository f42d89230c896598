import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fail, run as execute } from "./process.mjs"

const inMemory = `
import { InvitationsMemory } from "@effect-clerk/http"
import * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
import { Effect, Layer } from "effect"

const program = Effect.gen(function*() {
  const campaigns = yield* InviteCampaigns.InviteCampaigns
  const people = ["ada@example.com", "grace@example.com"].map((emailAddress) => ({ emailAddress }))
  const { started } = yield* campaigns.start({ id: "spring", people })
  if (started) yield* campaigns.runDue
  const { counts, state } = yield* campaigns.get("spring")
  console.log(started, state, counts.Created)
})
const Campaigns = InviteCampaigns.layerMemory().pipe(Layer.provide(InvitationsMemory.layer()))
await Effect.runPromise(Effect.provide(program, Campaigns))
`

const inFile = inMemory
  .replace("import { Effect", "import * as InviteCampaignsSql from \"@effect-clerk/http/InviteCampaignsSql\"\n$&")
  .replace("import { Effect", "import { LibsqlClient } from \"@effect/sql-libsql\"\n$&")
  .replace(
    "InviteCampaigns.layerMemory()",
    "InviteCampaignsSql.layer().pipe(Layer.provide(LibsqlClient.layer({ url: \"file:campaigns.db\" })))"
  )

const install = (folder, specifiers) =>
  execute(
    "npm",
    [
      "install",
      "--prefer-offline",
      "--no-audit",
      "--no-fund",
      "--ignore-scripts",
      "--strict-peer-deps",
      ...specifiers
    ],
    folder
  )

/**
 * Installs the tarballs in an empty folder, and runs a campaign in memory without `@effect/sql`. Then adds libsql, and runs a
 * campaign in a file with two processes after each other: the second one finds the campaign of the first. The peers are the
 * newest that the manifests allow, unless `versions` has others.
 */
export const run = (folder, packages, versions = {}) => {
  const [{ manifest }] = packages.filter(({ manifest }) => manifest.name.endsWith("/http"))
  const isSql = (name) => name.startsWith("@effect/sql")
  const specifiersOf = (names) =>
    names.map((name) =>
      `${name}@${versions[name] ?? manifest.peerDependencies[name] ?? manifest.devDependencies[name]}`
    )
  const expect = (program, line) => {
    const printed = execute("node", [program], folder).trim()
    if (printed !== line) fail(`${program} printed ${printed}`)
  }
  mkdirSync(folder)
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }))
  writeFileSync(join(folder, "inMemory.mjs"), inMemory)
  writeFileSync(join(folder, "inFile.mjs"), inFile)

  // The lowest @effect/workflow needs a newer platform than the lowest, and a poller needs no workflow.
  const peers = Object.keys(manifest.peerDependencies).filter((name) => !isSql(name) && name !== "@effect/workflow")
  install(folder, [...packages.map(({ filename }) => filename), ...specifiersOf(peers)])
  if (existsSync(join(folder, "node_modules/@effect/sql"))) fail("@effect/sql is not optional")
  expect("inMemory.mjs", "true completed 2")

  install(folder, specifiersOf(["@effect/sql", "@effect/sql-libsql"]))
  expect("inFile.mjs", "true completed 2")
  expect("inFile.mjs", "false completed 2")
}
