import { readdirSync } from "node:fs"
import { fileURLToPath, pathToFileURL } from "node:url"
import type { TestProject } from "vitest/node"
import { bundle } from "../../http/test/utils/programs.js"
import type setup from "../src/recipes/emulatorSetup.js"

const src = fileURLToPath(new URL("../src", import.meta.url))

/** The directory of the bundled programs. */
export const programs = fileURLToPath(new URL("../node_modules/.cache/programs", import.meta.url))

const isSetup = (module: unknown): module is { readonly default: typeof setup } =>
  typeof module === "object" && module !== null && "default" in module && typeof module.default === "function"

/** Bundles the chaos run and every recipe once for all tests, and runs the recipe that starts an emulator for them. */
export default async (project: TestProject): Promise<() => Promise<void>> => {
  await bundle(
    src,
    programs,
    [
      "chaos/main.ts",
      "chaos/campaign/main.ts",
      "chaos/campaign/worker.ts",
      "chaos/campaign/faults/main.ts",
      "chaos/campaign/faults/machine.ts",
      "demo/campaign/main.ts",
      "demo/campaign/worker.ts",
      "recipes/campaign/inviteAll.ts",
      "recipes/campaign/process.ts",
      "recipes/campaign/processes.ts",
      "recipes/campaign/scheduled.ts",
      "recipes/webApplication/main.ts",
      ...readdirSync(`${src}/recipes`).filter((file) => file.endsWith(".ts")).map((file) => `recipes/${file}`)
    ]
  )
  // The configuration of vitest is in the root, where the imports of the recipe are not installed. Its bundle has none.
  const module: unknown = await import(pathToFileURL(`${programs}/recipes/emulatorSetup.mjs`).href)
  if (!isSetup(module)) throw new Error("the recipe emulatorSetup.ts has no default export")
  return module.default(project)
}
