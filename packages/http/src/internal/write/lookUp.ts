import type { ListInvitations } from "@effect-clerk/core/ListInvitations"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type { CallContext } from "../call/context.js"
import type { Permits } from "../call/permits.js"
import type { RetryBudget } from "../call/retryBudget.js"
import type { AttemptFailure } from "../client/attemptFailure.js"
import type * as Endpoints from "../client/endpoints.js"
import type { ReservationExpired } from "../limiter/admission.js"
import type { Limiter } from "../limiter/limiter.js"

/**
 * The response to one list request that reconciles or confirms a write.
 */
export type Listing = Omit<Endpoints.Listing, "totalCount">

/**
 * Sends one list request.
 */
export type LookUp = (params: ListInvitations) => Effect.Effect<Listing, AttemptFailure>

/**
 * The look-ups of a call, with the secret key and the timeouts of the call.
 */
export type LookUpFor = (context: CallContext) => LookUp

/**
 * Makes look-ups that wait for the client-side rate limits and for a permit, and that are retried once, if the retry
 * budget allows it.
 *
 * A bulk create of ten makes twenty look-ups, and a single failure makes its whole reconciliation fail: therefore the
 * retry.
 */
export const make = (
  lookUpFor: LookUpFor,
  { limiter, permits, retryBudget }: {
    readonly retryBudget: RetryBudget
    readonly permits: Permits
    readonly limiter: Limiter | undefined
  }
): LookUpFor =>
(context) => {
  // The deadline of the call interrupts the wait for a permit, like the look-up itself.
  const withPermit = permits.withPermit(identity<Effect.Effect<void>>)
  const lookUp = lookUpFor(context)
  const limited: LookUp = limiter === undefined
    ? (params) => withPermit(lookUp(params))
    : withLimiter(limiter, (params, claim) => withPermit(Effect.zipRight(claim, lookUp(params))))
  return (params) =>
    Effect.retry(limited(params), {
      times: 1,
      while: ({ disposition }) => (disposition === "NotSent" || disposition === "Unknown") && retryBudget.withdraw()
    })
}

// Unlike the wait of an attempt, this wait does not postpone the deadline of the call.
const withLimiter = (
  limiter: Limiter,
  lookUp: (
    params: ListInvitations,
    claim: Effect.Effect<void, ReservationExpired>
  ) => Effect.Effect<Listing, AttemptFailure | ReservationExpired>
): LookUp =>
(params) =>
  limiter.admit("list", (claim) => lookUp(params, claim)).pipe(
    Effect.tapError(({ error, retryAfter }) =>
      error._tag === "TooManyRequests"
        ? limiter.onTooManyRequests("list", Duration.toMillis(Option.getOrElse(retryAfter, () => Duration.zero)))
        : Effect.void
    )
  )

/**
 * Repeats an effect until its value satisfies `until`, at most four times, with delays that double and add up to just
 * under `millis`. Succeeds with the last value. If `millis` is 0, runs the effect once.
 */
export const poll = <A>(self: Effect.Effect<A>, millis: number, until: (a: A) => boolean): Effect.Effect<A> =>
  millis <= 0 ? self : Effect.repeat(self, {
    until,
    schedule: Schedule.identity<A>().pipe(
      Schedule.zipLeft(Schedule.exponential(millis / 16)),
      Schedule.zipLeft(Schedule.recurs(4))
    )
  })
