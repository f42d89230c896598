import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    projects: ["packages/core", "packages/http", "packages/examples"],
    reporters: [
      "default",
      // .ci/run reads the counts from this file.
      ["json", { outputFile: "node_modules/.cache/vitest/results.json" }],
      ...(process.env.GITHUB_ACTIONS === "true" ? ["github-actions"] : [])
    ]
  }
})
