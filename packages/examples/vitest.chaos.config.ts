import { defineProject } from "vitest/config"
import { shared } from "../../vitest.shared.js"

// The chaos run measures the heap and counts fibers and connections, so it needs a process of its own.
export default defineProject({
  test: { ...shared.test, name: "chaos", include: ["test/chaos.test.ts"], isolate: true }
})
