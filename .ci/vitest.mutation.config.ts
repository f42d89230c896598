import { defineConfig } from "vitest/config"
import { shared } from "../vitest.shared.js"

/**
 * The tests that judge a mutant. The examples repeat them through processes and sockets, which takes minutes.
 */
export default defineConfig({
  test: {
    ...shared.test,
    include: ["packages/{core,http}/test/**/*.test.ts"],
    globalSetup: "packages/http/test/globalSetup.ts"
  }
})
