import { describe } from "@effect/vitest"
import type { Environment } from "./conformance/index.js"
import { runWithClock } from "./utils/clock.js"
import { conformance, inspectOnNode } from "./utils/conformance.js"
import * as emulator from "./utils/emulator.js"

const http: Environment = {
  layer: (options) => emulator.layer({ emulator: options }),
  runWithClock,
  inspect: inspectOnNode
}

// The stream properties move the clock by days while requests are in flight.
const timeout = { attempt: "3650 days", total: "3650 days" } as const

const httpWithoutTimeout: Environment = { ...http, layer: () => emulator.layer({ client: { timeout } }) }

describe("http", () => {
  conformance(http, { stream: httpWithoutTimeout, streamRuns: 25, inviteManyRuns: 15, typedMetadataRuns: 8 })
})
