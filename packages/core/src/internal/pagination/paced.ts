import * as Effect from "effect/Effect"
import * as RateLimiter from "effect/RateLimiter"
import type * as Scope from "effect/Scope"
import type { InvitationsPrimitives } from "../../InvitationsPrimitives.js"

type List = InvitationsPrimitives["list"]

// A development instance allows 100 calls in 10 seconds. The other calls of the application need some of them.
const callsPerWindow = { limit: 40, interval: "10 seconds" } as const

/**
 * Makes a `list` for a job with many calls: it makes at most 40 at once, and then 4 a second.
 */
export const paced = (list: List): Effect.Effect<List, never, Scope.Scope> =>
  Effect.map(RateLimiter.make(callsPerWindow), (limit) => (params) => limit(list(params)))
