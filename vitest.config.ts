import { defineConfig } from "vitest/config"
import { shared } from "./vitest.shared.js"

export default defineConfig({
  test: {
    ...shared.test,
    // One project for all packages: vitest starts new workers for each project, and waits for the last file of the one before.
    include: ["packages/*/test/**/*.test.ts"],
    globalSetup: ["packages/http/test/globalSetup.ts", "packages/examples/test/globalSetup.ts"],
    // By default vitest leaves one core idle, which is half of a small machine.
    maxWorkers: "100%",
    reporters: [
      "default",
      // .ci/run reads the counts from this file.
      ["json", { outputFile: "node_modules/.cache/vitest/results.json" }],
      ...(process.env.GITHUB_ACTIONS === "true" ? ["github-actions"] : [])
    ]
  }
})
