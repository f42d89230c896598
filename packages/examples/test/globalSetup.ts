import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { bundle } from "../../http/test/utils/programs.js"

const src = fileURLToPath(new URL("../src", import.meta.url))

/** The directory of the bundled programs. */
export const programs = fileURLToPath(new URL("../node_modules/.cache/programs", import.meta.url))

/** Bundles the chaos run and every recipe once for all tests. */
export default (): Promise<void> =>
  bundle(
    src,
    programs,
    [
      "chaos/main.ts",
      "recipes/webApplication/main.ts",
      ...readdirSync(`${src}/recipes`).filter((file) => file.endsWith(".ts")).map((file) => `recipes/${file}`)
    ]
  )
