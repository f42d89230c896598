import type { ViteUserConfig } from "vitest/config"

/** The settings that `pnpm test` and `pnpm mutation` share. */
export const shared = {
  test: {
    globals: false,
    // A worker loads the modules of effect once instead of once for each test file.
    isolate: false,
    setupFiles: "packages/http/test/setup.ts",
    testTimeout: 30_000,
    hookTimeout: 30_000,
    sequence: { concurrent: false }
  }
} satisfies ViteUserConfig
