import type { InvitationsPrimitives } from "@effect-clerk/core/InvitationsPrimitives"
import * as Effect from "effect/Effect"
import * as Monotonic from "../client/monotonic.js"
import * as Overrides from "../client/overrides.js"
import type { ClientState } from "./context.js"
import { deadlineExceeded, startDeadline } from "./context.js"
import { awaitLock } from "./lockTimeout.js"

/**
 * Makes the primitive `withDeadline`: a look-up of several calls ends within `timeout.total`, like one call. Its waits
 * for the client-side rate limits postpone the deadline by `maxWait` at most, like those of a call that waits for a
 * lock.
 */
export const make = (state: ClientState): InvitationsPrimitives.WithDeadline => (self) =>
  Effect.clockWith((clock) =>
    Effect.withFiberRuntime((fiber) => {
      const timeouts = fiber.getFiberRef(Overrides.current).timeouts(state.timeouts)
      const deadline = startDeadline(timeouts, () => Monotonic.unsafeMillis(clock))
      const reached = awaitLock(state, deadline, () => deadlineExceeded("list", timeouts))(Effect.never)
      return Effect.raceFirst(self, Effect.zipRight(reached, Effect.never))
    })
  )
