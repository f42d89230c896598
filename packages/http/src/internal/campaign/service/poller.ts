import * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { StoreError } from "../../../InviteCampaignError.js"
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
  }).pipe(forever("effect-clerk: the campaigns could not be run", every))

/**
 * Calls `measure` for ever, and waits for `every` after each call.
 */
export const measure = ({ measure }: Pick<Service, "measure">, every: Duration.Duration): Effect.Effect<never> =>
  Effect.zipRight(measure, Effect.sleep(every)).pipe(
    forever("effect-clerk: the campaigns could not be measured", every)
  )

const forever =
  (message: string, every: Duration.Duration) => <A>(self: Effect.Effect<A, StoreError>): Effect.Effect<never> =>
    self.pipe(
      Effect.catchAllCause((cause) =>
        // A defect is reported as well: the campaigns of this process must not stop for ever.
        Cause.isInterruptedOnly(cause)
          ? Effect.interrupt
          : Effect.zipRight(Effect.logWarning(message, cause), Effect.sleep(every))
      ),
      Effect.forever
    )
