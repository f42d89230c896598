import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import type { StoreError } from "../../../InviteCampaignError.js"

/**
 * Waits for work, and ends the waits of others.
 */
export interface Waiting {
  /** Waits until work is due, or `every` is over. Returns whether work is due. */
  readonly awaitDue: (every: Duration.Duration) => Effect.Effect<boolean, StoreError>
  /** Ends the waits, because this process has changed a campaign. */
  readonly changed: Effect.Effect<void>
}

/**
 * `nextDue` is the time at which work is due. A store that only this process changes is not looked at again and again.
 */
export const make = (
  nextDue: Effect.Effect<Option.Option<number>, StoreError>,
  { isShared, now }: { readonly isShared: boolean; readonly now: Effect.Effect<number, StoreError> }
): Waiting => {
  let signal = Deferred.unsafeMake<unknown>(FiberId.none)

  const millisUntilDue = Effect.flatMap(
    nextDue,
    Option.match({
      onNone: () => Effect.succeed(Infinity),
      onSome: (due) => Effect.map(now, (time) => due - time)
    })
  )

  return {
    awaitDue: (every) =>
      Effect.suspend(() => {
        // Taken before the store is read, so that no change in between is missed.
        const changed = signal
        return Effect.flatMap(millisUntilDue, (millis) => {
          if (millis <= 0) return Effect.succeed(true)
          const wait = isShared ? Math.min(millis, Duration.toMillis(every)) : millis
          const slept = wait === Infinity ? Effect.never : Effect.as(Effect.sleep(wait), millis <= wait)
          return Effect.raceFirst(slept, Effect.as(Deferred.await(changed), true))
        })
      }),
    changed: Effect.suspend(() => {
      const ended = signal
      signal = Deferred.unsafeMake<unknown>(FiberId.none)
      return Effect.asVoid(Deferred.succeed(ended, undefined))
    })
  }
}
