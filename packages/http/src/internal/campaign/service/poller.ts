import * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Service } from "../../../InviteCampaigns.js"

/**
 * Calls `runDue` for ever, whenever a campaign is due. If a call did nothing although a campaign is due, waits for `every`,
 * since another process or another version holds the campaign.
 */
export const poll = (
  { awaitDue, runDue }: Pick<Service, "runDue" | "awaitDue">,
  every: Duration.Duration
): Effect.Effect<never> =>
  Effect.gen(function*() {
    const isDue = yield* awaitDue({ every })
    const slices = yield* runDue
    if (isDue && slices === 0) yield* Effect.sleep(every)
  }).pipe(
    Effect.catchAllCause((cause) =>
      // A defect is reported as well: the campaigns of this process must not stop for ever.
      Cause.isInterruptedOnly(cause)
        ? Effect.interrupt
        : Effect.zipRight(Effect.logWarning("effect-clerk: the campaigns could not be run", cause), Effect.sleep(every))
    ),
    Effect.forever
  )
