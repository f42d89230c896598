import { configDefaults, defineProject, mergeConfig } from "vitest/config"
import { shared } from "../../vitest.shared.js"

export default mergeConfig(
  shared,
  defineProject({
    test: {
      name: "examples",
      // vitest.chaos.config.ts runs it.
      exclude: [...configDefaults.exclude, "test/chaos.test.ts"],
      globalSetup: "test/globalSetup.ts"
    }
  })
)
