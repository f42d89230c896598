import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    projects: ["packages/core", "packages/http", "packages/examples", "packages/examples/vitest.chaos.config.ts"],
    // By default vitest leaves one core idle, which is half of a small machine.
    maxWorkers: "100%",
    // A worker loads the modules of effect once instead of once for each test file. vitest reads this from the root only.
    isolate: false,
    reporters: [
      "default",
      // .ci/run reads the counts from this file.
      ["json", { outputFile: "node_modules/.cache/vitest/results.json" }],
      ...(process.env.GITHUB_ACTIONS === "true" ? ["github-actions"] : [])
    ]
  }
})
