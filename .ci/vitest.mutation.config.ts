import { defineConfig } from "vitest/config"

/**
 * The projects whose tests judge a mutant. The examples repeat them through processes and sockets, which takes minutes.
 */
export default defineConfig({
  test: { projects: ["packages/core", "packages/http"] }
})
