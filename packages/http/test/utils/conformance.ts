import { describe, it } from "@effect/vitest"
import { format, inspect } from "node:util"
import type { Environment, Runner } from "../conformance/index.js"
import { suites } from "../conformance/index.js"
import * as properties from "../properties/index.js"

/** How node renders a value, for the suites that look for secrets. */
export const inspectOnNode = (value: unknown): ReadonlyArray<string> => [
  inspect(value, { depth: null, showHidden: true }),
  format("%s %o %j", value, value, value)
]

const run: Runner = (name, test) => {
  it.live(name, () => test)
}

/**
 * Runs the suites and the properties over one layer. Each layer has a file of its own, so that the files run in parallel.
 */
export const conformance = (
  environment: Environment,
  options: {
    /** The environment of the properties of `stream`. */
    readonly stream: Environment
    readonly streamRuns: number
    readonly inviteManyRuns: number
    readonly typedMetadataRuns: number
  }
): void => {
  for (const [name, suite] of Object.entries(suites)) {
    describe(name, () => {
      suite(run, environment)
    })
  }
  describe("the properties of stream", () => {
    properties.stream(run, options.stream, options.streamRuns)
  })
  describe("the properties of inviteMany", () => {
    properties.inviteMany(run, environment, options.inviteManyRuns)
  })
  describe("the properties of typed metadata", () => {
    properties.typedMetadata(run, environment, options.typedMetadataRuns)
  })
}
