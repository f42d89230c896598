import { defineConfig } from "vitest/config"
import config from "./vitest.config.js"

// The tests of campaigns with processes and databases, which would make every run of the other tests slow.
export default defineConfig({
  ...config,
  test: {
    ...config.test,
    include: ["packages/*/test/**/*.suite.ts"],
    reporters: ["default", ["json", { outputFile: "node_modules/.cache/vitest/campaigns.json" }]]
  }
})
