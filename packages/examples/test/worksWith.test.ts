import { assert, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"

const read = (file: string): string => readFileSync(join(import.meta.dirname, "../../..", file), "utf8")

const table = read("README.md").split("\n## What it works with\n")[1]?.split("\n## ")[0] ?? ""

/** The entries of an object literal with strings as values. */
const entries = (file: string, name: string): ReadonlyArray<readonly [key: string, value: string]> => {
  const [, body = ""] = new RegExp(`const ${name} = \\{([^}]*)\\}`).exec(read(file)) ?? []
  return Array.from(body.matchAll(/"?([\w@/-]+)"?: "([^"]+)"/g), ([, key = "", value = ""]) => [key, value])
}

it("the README names the runtimes that test:runtimes runs", () => {
  const versions = entries(".ci/runtimes/install.mjs", "versions")
  assert.strictEqual(versions.length, 6)
  for (const [runtime, version] of versions) assert.include(table, version, runtime)
})

it("the README names the lowest peers that packages:check installs", () => {
  const lowest = entries(".ci/packages/consumer.mjs", "lowest")
  for (const name of ["effect", "@effect/platform", "@effect/experimental", "@effect/sql"]) {
    const version = lowest.find(([key]) => key === name)?.[1] ?? "none"
    assert.include(table, `\`${name}\` ${version}`)
  }
})
