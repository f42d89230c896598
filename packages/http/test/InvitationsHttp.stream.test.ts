import { streamLaws } from "./streamLaws.js"
import { layer } from "./utils/emulator.js"

// The laws move the clock by days while requests are under way.
const timeout = { attempt: "3650 days", total: "3650 days" } as const

streamLaws("HTTP", layer({ client: { timeout } }), 25)
