import type { ViteUserConfig } from "vitest/config"

export const shared = {
  test: {
    include: ["test/**/*.test.ts"],
    globals: false,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    sequence: { concurrent: false }
  }
} satisfies ViteUserConfig
