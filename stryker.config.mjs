// @ts-check

/**
 * Mutation testing of the folders where a wrong branch costs an invitation. `pnpm mutation` runs it, CI does not.
 *
 * @type {import("@stryker-mutator/api/core").PartialStrykerOptions}
 */
export default {
  mutate: [
    "packages/core/src/internal/{pagination,write,bulk}/**/*.ts",
    "packages/http/src/internal/{write,call}/**/*.ts"
  ],
  // The links of the workspace lead out of a sandbox, so the files are changed in place and restored at the end.
  inPlace: true,
  testRunner: "vitest",
  plugins: ["@stryker-mutator/vitest-runner"],
  vitest: { configFile: ".ci/vitest.mutation.config.ts" },
  coverageAnalysis: "perTest",
  concurrency: 1,
  ignoreStatic: true,
  reporters: ["clear-text", "progress", "json"],
  jsonReporter: { fileName: "reports/mutation.json" },
  clearTextReporter: { logTests: false, allowColor: false },
  timeoutMS: 20_000,
  disableTypeChecks: false,
  allowEmpty: false
}
