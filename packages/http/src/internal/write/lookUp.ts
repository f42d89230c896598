import type { Invitation } from "@effect-clerk/core/Invitation"
import type { ListInvitations } from "@effect-clerk/core/ListInvitations"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type { RetryBudget } from "../call/retryBudget.js"
import type { AttemptFailure } from "../client/attemptFailure.js"
import type { Limiter } from "../limiter/limiter.js"

/**
 * The rows of one list request that looks for the result of a write.
 */
export interface Look {
  readonly data: ReadonlyArray<Invitation>
  /** The least by which the server's clock is ahead of ours, in milliseconds. `None` without a `Date` header. */
  readonly ahead: Option.Option<number>
}

/**
 * Lists once.
 */
export type LookUp = (params: ListInvitations) => Effect.Effect<Look, AttemptFailure>

/**
 * A look-up that takes tokens of the rate limits and retries once, if the retry budget allows it. A bulk of ten makes
 * twenty look-ups, and one that fails makes the whole reconciliation fail.
 */
export const make = (
  lookUp: LookUp,
  { limiter, retryBudget }: { readonly retryBudget: RetryBudget; readonly limiter: Limiter | undefined }
): LookUp => {
  const limited = limitLookUp(limiter, lookUp)
  return (params) =>
    Effect.retry(limited(params), {
      times: 1,
      while: ({ disposition: outcome }) => (outcome === "NotSent" || outcome === "Unknown") && retryBudget.withdraw()
    })
}

// The deadline of the call that looks keeps running while the look-up waits for its tokens.
const limitLookUp = (limiter: Limiter | undefined, lookUp: LookUp): LookUp =>
  limiter === undefined
    ? lookUp
    : (params) =>
      Effect.zipRight(limiter.admit("list"), lookUp(params)).pipe(
        Effect.tapError(({ error, retryAfter }) =>
          error._tag === "TooManyRequests"
            ? limiter.onTooManyRequests("list", Duration.toMillis(Option.getOrElse(retryAfter, () => Duration.zero)))
            : Effect.void
        )
      )

/**
 * Repeats a look-up with exponential delays until it finds something or the time is over; once if `millis` is 0.
 */
export const poll = <A>(millis: number, look: Effect.Effect<A>, until: (a: A) => boolean): Effect.Effect<A> =>
  millis <= 0 ? look : Effect.repeat(look, {
    until,
    schedule: Schedule.identity<A>().pipe(
      Schedule.zipLeft(Schedule.exponential(millis / 16)),
      Schedule.zipLeft(Schedule.recurs(4))
    )
  })
